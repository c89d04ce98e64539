"""Tables as they are published, and what Weir should call their columns.

Names and types follow public schemas: exports of analytics services, logs of serving systems, data sets of
research, telemetry conventions. Each is (dataset, event time, columns by family, words by column); a column
that is in no word must get none.
"""
# ruff: noqa: E501 -- a table of names

from dataclasses import dataclass

from monitor.engines import ColumnType


@dataclass(frozen=True)
class Schema:
    """A table; `words` maps Weir's word to the table's column."""

    name: str
    time: str | None
    columns: tuple[ColumnType, ...]
    words: dict[str, str]


def table(name: str, time: str | None, columns: str, words: str = "") -> Schema:
    """`columns` is `name:family …`, `words` is `word=column …`."""
    pairs = [each.split(":") for each in columns.split()]
    return Schema(
        name,
        time,
        tuple(ColumnType(column, family, family) for column, family in pairs),
        dict(each.split("=") for each in words.split()),
    )


TUNED = (
    # Those that synonyms were written with.
    table(
        "ga4_events",
        "event_timestamp",
        "event_date:text event_timestamp:integer event_name:text event_bundle_sequence_id:integer"
        " user_pseudo_id:text user_id:text platform:text geo_country:text device_category:text"
        " app_info_version:text stream_id:integer is_active_user:boolean",
        "event_type=event_name region=geo_country device=device_category app_version=app_info_version",
    ),
    table(
        "segment_tracks",
        "timestamp",
        "id:text anonymous_id:text event:text event_text:text timestamp:aware original_timestamp:aware"
        " sent_at:aware received_at:aware loaded_at:aware context_user_agent:text context_ip:text"
        " context_locale:text context_app_version:text",
        "user_id=anonymous_id event_type=event stored_at=loaded_at user_agent=context_user_agent"
        " app_version=context_app_version event_id=id",
    ),
    table(
        "snowplow_events",
        "derived_tstamp",
        "event_id:text domain_userid:text domain_sessionid:text collector_tstamp:naive etl_tstamp:naive"
        " dvce_created_tstamp:naive derived_tstamp:naive event_name:text geo_country:text useragent:text"
        " dvce_type:text v_tracker:text event_version:text page_url:text",
        "user_id=domain_userid session_id=domain_sessionid received_at=collector_tstamp stored_at=etl_tstamp"
        " event_type=event_name region=geo_country user_agent=useragent device=dvce_type"
        " schema_version=event_version",
    ),
    table(
        "amplitude_events",
        "event_time",
        "uuid:text insert_id:text user_id:text device_id:text session_id:integer event_type:text"
        " event_time:naive client_upload_time:naive server_received_time:naive processed_time:naive"
        " country:text device_family:text version_name:text event_properties:text",
        "event_id=insert_id received_at=server_received_time stored_at=processed_time region=country"
        " device=device_family app_version=version_name payload=event_properties",
    ),
    table(
        "retailrocket_events",
        "timestamp",
        "timestamp:integer visitorid:integer event:text itemid:integer transactionid:integer",
        "user_id=visitorid event_type=event item_id=itemid order_id=transactionid",
    ),
    table(
        "open_bandit_log",
        "timestamp",
        "timestamp:aware item_id:integer position:integer click:integer propensity_score:number"
        " user_feature_0:text",
        "propensity=propensity_score",
    ),
    table(
        "langfuse_observations",
        "start_time",
        "id:text trace_id:text session_id:text user_id:text name:text start_time:aware end_time:aware"
        " model:text input:text output:text prompt_tokens:integer total_cost:number latency:number version:text",
        "model_version=model query_text=input response=output cost=total_cost responded_at=end_time",
    ),
    table(
        "serving_log",
        "request_ts",
        "request_id:text request_ts:aware response_ts:aware uid:text model_name:text http_status:integer"
        " duration_ms:integer from_cache:boolean is_fallback:boolean num_missing_features:integer dc:text",
        "user_id=uid model_version=model_name status=http_status latency_ms=duration_ms cache_hit=from_cache"
        " fallback=is_fallback missing_features=num_missing_features region=dc responded_at=response_ts",
    ),
    table(
        "impressions",
        "shown_at",
        "impression_id:text shown_at:aware customer_id:integer sku:text slot:integer rank_score:number"
        " pscore:number ab_group:text exp_id:text ranker_version:text clicked:boolean explore:boolean",
        "exposure_id=impression_id user_id=customer_id item_id=sku position=slot score=rank_score"
        " propensity=pscore variant=ab_group experiment_id=exp_id model_version=ranker_version click=clicked"
        " is_exploration=explore",
    ),
    table(
        "feedback_signals",
        "ts",
        "ts:aware conv_id:text message_id:text user_hash:text kind:text stars:integer copied_chars:integer"
        " levenshtein:integer time_on_answer_ms:integer body:text gdpr_ok:boolean",
        "session_id=conv_id user_id=user_hash event_type=kind rating=stars span_length=copied_chars"
        " edit_distance=levenshtein dwell_ms=time_on_answer_ms payload=body consent=gdpr_ok event_id=message_id",
    ),
    table(
        "model_deployments",
        "deployed_at",
        "deployment_id:text deployed_at:aware model_version:text stage:text state:text git_sha:text",
        "status=state",
    ),
    table(
        "feature_log",
        "event_timestamp",
        "entity_id:text feature_name:text feature_value:number event_timestamp:aware created_timestamp:aware",
        "feature=feature_name value=feature_value",
    ),
)

SECOND = (
    # Those that patterns were then written with.
    table(
        "mixpanel_export",
        "time",
        "event:text time:integer distinct_id:text $insert_id:text mp_country_code:text $browser:text $os:text"
        " $device_id:text mp_processing_time_ms:integer $app_version_string:text",
        "event_type=event user_id=distinct_id event_id=$insert_id region=mp_country_code device=$os"
        " app_version=$app_version_string",
    ),
    table(
        "posthog_events",
        "timestamp",
        "uuid:text event:text properties:text timestamp:aware team_id:integer distinct_id:text created_at:aware"
        " inserted_at:aware person_id:text",
        "event_id=uuid event_type=event payload=properties user_id=distinct_id stored_at=inserted_at",
    ),
    table(
        "mind_behaviors",
        "time",
        "impression_id:integer user_id:text time:text history:text impressions:text",
        "exposure_id=impression_id",
    ),
    table(
        "criteo_attribution",
        "timestamp",
        "timestamp:integer uid:integer campaign:integer conversion:integer conversion_timestamp:integer"
        " attribution:integer click:integer click_pos:integer cost:number cpo:number cat1:integer",
        "user_id=uid converted=conversion position=click_pos",
    ),
    table(
        "avazu_train",
        "hour",
        "id:text click:integer hour:integer banner_pos:integer site_id:text app_id:text device_id:text"
        " device_ip:text device_model:text device_type:integer",
        "position=banner_pos device=device_type",
    ),
    table(
        "kuairec_interactions",
        "time",
        "user_id:integer video_id:integer play_duration:integer video_duration:integer time:naive date:integer"
        " timestamp:number watch_ratio:number",
        "item_id=video_id",
    ),
    table(
        "otel_spans",
        "start_time",
        "trace_id:text span_id:text parent_span_id:text service_name:text start_time:aware end_time:aware"
        " duration_ms:number status_code:integer http_user_agent:text service_version:text",
        "service=service_name latency_ms=duration_ms status=status_code user_agent=http_user_agent"
        " app_version=service_version responded_at=end_time",
    ),
    table(
        "litellm_requests",
        "startTime",
        "request_id:text call_type:text spend:number total_tokens:integer startTime:naive endTime:naive"
        " model:text user:text cache_hit:text session_id:text status:text",
        "cost=spend model_version=model user_id=user responded_at=endTime event_type=call_type",
    ),
    table(
        "recsys_exposures",
        "exposed_at",
        "exposure_uuid:text exposed_at:aware member_id:integer article_id:integer rank_position:integer"
        " predicted_ctr:number action_probability:number treatment_arm:text experiment_key:text model_tag:text"
        " device_os:text country_code:text is_holdout:boolean",
        "exposure_id=exposure_uuid user_id=member_id item_id=article_id position=rank_position"
        " score=predicted_ctr propensity=action_probability variant=treatment_arm experiment_id=experiment_key"
        " model_version=model_tag device=device_os region=country_code",
    ),
    table(
        "ad_clicks",
        "click_time",
        "click_id:text click_time:aware server_time:aware imp_id:text advertiser_id:integer creative_id:integer"
        " ua_string:text geo:text bot_score:number is_bot:boolean consent_string:text",
        "event_id=click_id received_at=server_time exposure_id=imp_id item_id=creative_id user_agent=ua_string"
        " region=geo consent=consent_string",
    ),
    table(
        "chat_messages",
        "created_at",
        "message_uuid:text conversation_id:text account_id:text created_at:aware role:text content:text"
        " model_id:text correlation_id:text thumbs:integer language:text",
        "event_id=message_uuid session_id=conversation_id user_id=account_id model_version=model_id"
        " trace_id=correlation_id rating=thumbs",
    ),
    table(
        "kafka_sink_events",
        "eventTime",
        "eventId:text eventTime:aware ingestedAt:aware writtenAt:aware featureReadyAt:aware profileId:text"
        " visitId:text productId:text actionType:text region:text deviceType:text appVersion:text"
        " schemaVersion:integer traceId:text hasConsent:boolean userAgent:text",
        "event_id=eventId received_at=ingestedAt stored_at=writtenAt available_at=featureReadyAt"
        " user_id=profileId session_id=visitId item_id=productId event_type=actionType device=deviceType"
        " app_version=appVersion schema_version=schemaVersion trace_id=traceId consent=hasConsent"
        " user_agent=userAgent",
    ),
    table(
        "dlq",
        "failed_at",
        "message_key:text failed_at:aware error_reason:text raw_message:text topic:text partition:integer"
        " offset:integer",
        "reason=error_reason payload=raw_message",
    ),
    table(
        "labels",
        "label_ts",
        "rec_id:text label_ts:aware outcome_value:number converted:boolean revenue_usd:number",
        "exposure_id=rec_id label=outcome_value amount=revenue_usd",
    ),
    table(
        "cost_explorer",
        "usage_date",
        "usage_date:date service:text cost_usd:number resource_region:text usage_tb:number",
        "cost=cost_usd region=resource_region",
    ),
)

THIRD = (
    # Those that the patterns were widened with.
    table(
        "matomo_visits",
        "visit_first_action_time",
        "idvisit:integer idvisitor:text visit_first_action_time:naive visit_last_action_time:naive"
        " location_country:text config_device_type:integer config_browser_name:text visit_goal_converted:integer",
        "user_id=idvisitor region=location_country device=config_device_type session_id=idvisit",
    ),
    table(
        "rudder_tracks",
        "original_timestamp",
        "message_id:text user_id:text anonymous_id:text event_name:text original_timestamp:aware"
        " received_at:aware context_device_model:text context_os_name:text context_user_agent:text"
        " context_app_build:text properties:text context_session_id:text",
        "event_id=message_id event_type=event_name user_agent=context_user_agent app_version=context_app_build"
        " payload=properties session_id=context_session_id device=context_os_name",
    ),
    table(
        "spotify_sessions",
        "date",
        "session_id:text session_position:integer session_length:integer track_id_clean:text skip_1:boolean"
        " hour_of_day:integer date:date premium:boolean context_type:text",
        "position=session_position item_id=track_id_clean",
    ),
    table(
        "taobao_behavior",
        "ts",
        "uid:integer iid:integer cid:integer behavior:text ts:integer",
        "user_id=uid item_id=iid event_type=behavior",
    ),
    table(
        "yandex_serp_clicks",
        "ts",
        "SessionID:integer ts:integer QueryID:integer RegionID:integer URLID:integer Rank:integer Clicked:boolean",
        "session_id=SessionID query_id=QueryID region=RegionID item_id=URLID position=Rank click=Clicked",
    ),
    table(
        "openai_requests",
        "created",
        "id:text created:integer model:text user_hash:text prompt:text completion:text finish_reason:text"
        " latency_ms:number prompt_tokens:integer http_code:integer conversation_id:text",
        "request_id=id model_version=model user_id=user_hash query_text=prompt response=completion"
        " status=http_code session_id=conversation_id reason=finish_reason",
    ),
    table(
        "copilot_signals",
        "occurred",
        "signal_id:text occurred:aware respId:text queryId:text signalType:text editDistance:number"
        " dwellMs:integer spanLength:integer userId:text appVer:text starRating:integer",
        "event_id=signal_id response_id=respId query_id=queryId event_type=signalType edit_distance=editDistance"
        " dwell_ms=dwellMs span_length=spanLength user_id=userId app_version=appVer rating=starRating",
    ),
    table(
        "warehouse_reco_impressions",
        "impression_tstamp",
        "reco_uuid:text impression_tstamp:naive dw_insert_ts:naive kafka_ts:naive customer_sk:integer"
        " product_sk:integer carousel_pos:integer model_ver:text exp_variant:text exp_name:text pctr:number"
        " sel_prob:number mkt:text dvc:text was_clicked:boolean",
        "exposure_id=reco_uuid stored_at=dw_insert_ts received_at=kafka_ts user_id=customer_sk"
        " item_id=product_sk position=carousel_pos model_version=model_ver variant=exp_variant"
        " experiment_id=exp_name score=pctr propensity=sel_prob region=mkt device=dvc click=was_clicked",
    ),
    table(
        "airflow_deploys",
        "finished_at",
        "deploy_id:text started_by:text finished_at:aware result:text model_sha:text environment:text",
        "status=result model_version=model_sha",
    ),
    table(
        "nginx_access",
        "time_local",
        "remote_addr:text time_local:naive request:text status:integer body_bytes_sent:integer"
        " http_referer:text http_user_agent:text request_time:number upstream_cache_status:text req_id:text",
        "user_agent=http_user_agent cache_hit=upstream_cache_status request_id=req_id",
    ),
)

FOURTH = (
    # Written down when the patterns were done, 31 of 44 columns right at first sight; the patterns were then
    # widened once more.
    table(
        "heap_pageviews",
        "time",
        "event_id:integer user_id:integer session_id:integer time:naive library:text platform:text device_type:text"
        " country:text region:text browser:text app_version:text path:text",
        "device=device_type",
    ),
    table(
        "shop_search_log",
        "search_ts",
        "search_uuid:text search_ts:aware shopper_ref:text visit_token:text search_phrase:text n_results:integer"
        " latency_millis:integer ranking_model:text experiment_arm:text client_ver:text cc:text",
        "query_id=search_uuid user_id=shopper_ref session_id=visit_token latency_ms=latency_millis"
        " model_version=ranking_model variant=experiment_arm app_version=client_ver region=cc"
        " query_text=search_phrase",
    ),
    table(
        "stream_plays",
        "played_at",
        "play_id:text played_at:aware listener_id:text track_id:text ms_played:integer shuffle:boolean"
        " conn_country:text platform:text user_agent_decrypted:text reason_end:text",
        "user_id=listener_id item_id=track_id region=conn_country device=platform"
        " user_agent=user_agent_decrypted event_id=play_id dwell_ms=ms_played",
    ),
    table(
        "bandit_decisions",
        "Timestamp",
        "EventId:text Timestamp:aware _label_cost:number _label_probability:number _label_Action:integer"
        " VWState:text DeferredAction:boolean ModelId:text",
        "event_id=EventId propensity=_label_probability model_version=ModelId",
    ),
    table(
        "email_events",
        "event_ts",
        "sg_event_id:text sg_message_id:text event_ts:aware recipient_hash:text event:text useragent:text"
        " ip:text url:text processed_at:aware",
        "event_id=sg_event_id event_type=event user_agent=useragent stored_at=processed_at"
        " user_id=recipient_hash",
    ),
    table(
        "exposure_log",
        "exposed_ts",
        "exp_log_id:text exposed_ts:aware ingest_ts:aware viewer_uuid:text content_uuid:text list_index:integer"
        " p_logging:number holdout_group:text algo_version:text bot_flag:boolean surface:text consented:boolean",
        "received_at=ingest_ts user_id=viewer_uuid item_id=content_uuid position=list_index propensity=p_logging"
        " variant=holdout_group model_version=algo_version is_bot=bot_flag consent=consented"
        " exposure_id=exp_log_id",
    ),
    table(
        "agent_runs",
        "started_at",
        "run_uuid:text started_at:aware finished_at:aware agent_version:text thread_id:text tenant_id:text"
        " tool_name:text outcome:text fallback_used:boolean policy_name:text otel_trace_id:text cost_cents:number",
        "responded_at=finished_at session_id=thread_id tenant=tenant_id fallback=fallback_used"
        " policy=policy_name trace_id=otel_trace_id cost=cost_cents status=outcome",
    ),
)

FIFTH = (
    # Written after the words and patterns stood: 90 % were right at first sight, the short words came of it.
    table(
        "click_events",
        "client_ts",
        "evt_uuid:text client_ts:aware server_ts:aware uid:text sess_id:text prod_id:text"
        " ctry:text dev_type:text ua_str:text app_ver:text evt_name:text",
        "event_id=evt_uuid received_at=server_ts user_id=uid session_id=sess_id item_id=prod_id"
        " region=ctry device=dev_type user_agent=ua_str app_version=app_ver event_type=evt_name",
    ),
    table(
        "rec_impressions",
        "served_ts",
        "imp_uuid:text served_ts:aware member_id:integer product_id:integer slot:integer"
        " pscore:number ranker_version:text ab_arm:text clicked:boolean country_code:text",
        "exposure_id=imp_uuid user_id=member_id item_id=product_id position=slot"
        " propensity=pscore model_version=ranker_version variant=ab_arm click=clicked"
        " region=country_code",
    ),
    table(
        "raw_events",
        "event_time",
        "eventId:text event_time:aware ingest_time:aware warehouse_loaded_at:aware"
        " feature_available_at:aware userId:text itemId:text sessionId:text userAgent:text"
        " countryIso:text deviceType:text schemaVersion:text consentGranted:boolean traceId:text",
        "event_id=eventId received_at=ingest_time stored_at=warehouse_loaded_at"
        " available_at=feature_available_at user_id=userId item_id=itemId session_id=sessionId"
        " user_agent=userAgent region=countryIso device=deviceType schema_version=schemaVersion"
        " consent=consentGranted trace_id=traceId",
    ),
    table(
        "orders",
        "order_time",
        "order_id:text order_time:naive customer_id:text sku:text qty:integer total_price:number"
        " currency:text store_region:text",
        "user_id=customer_id item_id=sku amount=total_price region=store_region",
    ),
    table(
        "conversions",
        "conv_ts",
        "conversion_id:text conv_ts:aware exposure_id:text user_key:text conv_value:number"
        " is_purchase:boolean",
        "user_id=user_key amount=conv_value converted=is_purchase",
    ),
    table(
        "search_queries",
        "query_ts",
        "query_id:text query_ts:aware session:text user:text query:text model:text locale:text"
        " n_results:integer",
        "session_id=session user_id=user query_text=query model_version=model region=locale",
    ),
    table(
        "llm_responses",
        "created_at",
        "response_id:text query_id:text created_at:aware model_name:text completion:text"
        " latency_ms:integer prompt_tokens:integer completion_tokens:integer cost_usd:number"
        " is_fallback:boolean",
        "model_version=model_name response=completion cost=cost_usd fallback=is_fallback",
    ),
    table(
        "user_signals",
        "ts",
        "signal_id:text ts:aware response_id:text user_hash:text session_id:text signal_type:text"
        " payload:text sample_rate:number",
        "event_id=signal_id user_id=user_hash event_type=signal_type",
    ),
    table(
        "inference_log",
        "request_time",
        "request_id:text request_time:aware response_time:aware user_id:text model_version:text"
        " http_status:integer cache_hit:boolean canary:boolean duration_ms:number region:text",
        "status=http_status release=canary latency_ms=duration_ms responded_at=response_time",
    ),
    table(
        "dead_letter_queue",
        "failed_at",
        "msg_id:text failed_at:aware error_reason:text topic:text partition:integer"
        " offset:integer raw_payload:text retry_count:integer",
        "event_id=msg_id reason=error_reason payload=raw_payload retries=retry_count",
    ),
    table(
        "features_online",
        "event_ts",
        "entity_id:text feature_name:text feature_value:number computed_at:aware event_ts:aware",
        "feature=feature_name value=feature_value user_id=entity_id",
    ),
    table(
        "deployments",
        "deployed_at",
        "deploy_id:text model_version:text deployed_at:aware deployed_by:text status:text environment:text",
    ),
    table(
        "cloud_costs",
        "usage_day",
        "usage_day:date service:text cost:number region:text quantity:number",
    ),
    table(
        "labels_daily",
        "labelled_at",
        "impression_id:text labelled_at:aware y_true:integer label_source:text",
        "exposure_id=impression_id label=y_true",
    ),
    table(
        "predictions",
        "scored_at",
        "prediction_id:text scored_at:aware customer:text y_pred_proba:number y_pred:integer"
        " model_id:text segment:text",
        "user_id=customer score=y_pred_proba model_version=model_id user_group=segment",
    ),
    table(
        "page_views",
        "viewed_at",
        "view_id:text viewed_at:aware visitor_id:text url:text referrer:text"
        " browser_user_agent:text dwell_time_sec:number scroll_depth:number platform:text",
        "event_id=view_id user_id=visitor_id user_agent=browser_user_agent"
        " dwell_seconds=dwell_time_sec device=platform",
    ),
)
