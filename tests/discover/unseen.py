"""More published and plausible tables, each set written before the words and patterns were looked at again.

Right at first sight were 73, 70, 79, 67 and 73 % of the columns of the first five, whose names are picked for
their oddity, and 93 % of those of the last, whose names are plain.
"""
# ruff: noqa: E501 -- tables of names

from tests.discover.schemas import table

SIXTH = (
    table(
        "amplitude_export",
        "event_time",
        "$insert_id:text amplitude_id:integer app:integer user_id:text device_id:text event_id:integer"
        " session_id:integer event_type:text event_time:naive client_event_time:naive client_upload_time:naive"
        " server_received_time:naive server_upload_time:naive processed_time:naive version_name:text"
        " platform:text os_name:text os_version:text device_family:text device_type:text device_carrier:text"
        " country:text region:text city:text dma:text language:text library:text ip_address:text"
        " event_properties:text user_properties:text uuid:text",
        "received_at=server_received_time stored_at=processed_time app_version=version_name"
        " device=device_type payload=event_properties",
    ),
    table(
        "mparticle_events",
        "timestamp_unixtime_ms",
        "mpid:integer event_id:integer source_message_id:text session_uuid:text session_id:integer"
        " timestamp_unixtime_ms:integer message_type:text custom_event_type:text event_name:text"
        " application_version:text platform:text device_model:text country_code:text"
        " batch_received_ms:integer user_attributes:other custom_attributes:other is_debug:boolean",
        "user_id=mpid event_type=event_name app_version=application_version device=platform"
        " region=country_code received_at=batch_received_ms payload=custom_attributes",
    ),
    table(
        "rudderstack_tracks",
        "timestamp",
        "id:text anonymous_id:text user_id:text event:text event_text:text context_app_version:text"
        " context_device_type:text context_os_name:text context_locale:text context_ip:text"
        " context_user_agent:text original_timestamp:aware sent_at:aware timestamp:aware received_at:aware"
        " uuid_ts:aware channel:text",
        "event_id=id event_type=event app_version=context_app_version device=context_device_type"
        " user_agent=context_user_agent stored_at=uuid_ts region=context_locale",
    ),
    table(
        "mixpanel_raw",
        "time",
        "mp_insert_id:text mp_distinct_id:text mp_event_name:text time:aware mp_processing_time:aware"
        " mp_country_code:text mp_os:text mp_browser:text mp_app_version_string:text mp_lib:text"
        " mp_properties:text",
        "event_id=mp_insert_id user_id=mp_distinct_id event_type=mp_event_name stored_at=mp_processing_time"
        " region=mp_country_code device=mp_os app_version=mp_app_version_string payload=mp_properties",
    ),
    table(
        "posthog_events",
        "timestamp",
        "uuid:text event:text properties:text timestamp:aware distinct_id:text team_id:integer"
        " created_at:aware person_id:text elements_chain:text inserted_at:aware",
        "event_id=uuid event_type=event payload=properties user_id=distinct_id stored_at=inserted_at"
        " tenant=team_id",
    ),
    table(
        "kafka_sink_clicks",
        "event_ts",
        "kafka_topic:text kafka_partition:integer kafka_offset:integer kafka_timestamp:aware"
        " record_key:text event_ts:aware msg_uuid:text usr_id:text itm_id:text evt:text hdr_trace_id:text"
        " hdr_schema_version:text connect_inserted_at:aware raw_value:text",
        "received_at=kafka_timestamp event_id=msg_uuid user_id=usr_id item_id=itm_id event_type=evt"
        " trace_id=hdr_trace_id schema_version=hdr_schema_version stored_at=connect_inserted_at"
        " payload=raw_value",
    ),
    table(
        "otel_genai_spans",
        "start_time",
        "trace_id:text span_id:text parent_span_id:text start_time:aware end_time:aware"
        " duration_ms:number status_code:text service_name:text service_version:text"
        " gen_ai_system:text gen_ai_operation_name:text gen_ai_request_model:text gen_ai_response_model:text"
        " gen_ai_response_id:text gen_ai_conversation_id:text gen_ai_response_finish_reasons:text"
        " gen_ai_usage_input_tokens:integer gen_ai_usage_output_tokens:integer error_type:text"
        " enduser_id:text deployment_environment:text gen_ai_prompt:text gen_ai_completion:text",
        "responded_at=end_time latency_ms=duration_ms status=status_code service=service_name"
        " app_version=service_version model_version=gen_ai_response_model response_id=gen_ai_response_id"
        " session_id=gen_ai_conversation_id reason=gen_ai_response_finish_reasons error=error_type"
        " user_id=enduser_id query_text=gen_ai_prompt response=gen_ai_completion"
        " task_type=gen_ai_operation_name",
    ),
    table(
        "criteo_uplift",
        None,
        "f0:number f1:number f2:number f3:number f4:number treatment:integer conversion:integer"
        " visit:integer exposure:integer",
        "variant=treatment converted=conversion",
    ),
    table(
        "outbrain_clicks",
        "timestamp",
        "display_id:integer ad_id:integer clicked:integer uuid:text document_id:integer timestamp:integer"
        " platform:integer geo_location:text topic_id:integer publisher_id:integer campaign_id:integer",
        "exposure_id=display_id item_id=ad_id click=clicked user_id=uuid device=platform region=geo_location",
    ),
    table(
        "kuairand_log",
        "time_ms",
        "user_id:integer video_id:integer date:integer hourmin:integer time_ms:integer is_click:integer"
        " is_like:integer is_follow:integer is_comment:integer is_forward:integer is_hate:integer"
        " long_view:integer play_time_ms:integer duration_ms:integer profile_stay_time:integer"
        " is_profile_enter:integer is_rand:integer tab:integer",
        "item_id=video_id click=is_click dwell_ms=play_time_ms is_exploration=is_rand",
    ),
    table(
        "open_bandit_men",
        "timestamp",
        "timestamp:aware item_id:integer position:integer click:integer propensity_score:number"
        " user_feature_0:text user_feature_1:text user_feature_2:text user_feature_3:text"
        " user-item_affinity_0:number",
        "propensity=propensity_score",
    ),
    table(
        "mind_behaviors",
        "time",
        "impression_id:integer user_id:text time:naive history:text impressions:text",
        "exposure_id=impression_id",
    ),
    table(
        "recbole_inter",
        "timestamp",
        "user_id:text item_id:text rating:number timestamp:number review:text",
        "",
    ),
    table(
        "chat_logs",
        "sent_at",
        "conversation_uuid:text turn_index:integer message_uuid:text role:text sent_at:aware org_id:text"
        " end_user_id:text prompt_text:text completion_text:text model_slug:text system_prompt_version:text"
        " ttft_ms:integer total_latency_ms:integer thumbs_rating:integer was_copied:boolean"
        " copied_char_count:integer finish_reason:text user_locale:text regenerated:boolean",
        "session_id=conversation_uuid event_id=message_uuid tenant=org_id user_id=end_user_id"
        " query_text=prompt_text response=completion_text model_version=model_slug"
        " latency_ms=total_latency_ms rating=thumbs_rating span_length=copied_char_count"
        " reason=finish_reason region=user_locale",
    ),
    table(
        "streaming_plays",
        "play_started_at",
        "playback_id:text profile_uuid:text title_id:text episode_id:text play_started_at:aware"
        " play_ended_at:aware watch_seconds:integer device_platform:text app_version_code:text"
        " geo_country_code:text row_position:integer row_name:text artwork_variant:text"
        " recommender_model:text is_autoplay:boolean ingest_ts:aware",
        "user_id=profile_uuid item_id=title_id responded_at=play_ended_at dwell_seconds=watch_seconds"
        " device=device_platform app_version=app_version_code region=geo_country_code"
        " position=row_position variant=artwork_variant model_version=recommender_model received_at=ingest_ts",
    ),
    table(
        "ad_bid_log",
        "bid_ts",
        "bid_request_id:text imp_id:text bid_ts:aware publisher:text placement_id:text creative_id:text"
        " advertiser_user_key:text geo:text device_os:text browser_user_agent:text bid_price_usd:number"
        " won:boolean clicked:boolean converted:boolean pctr_model:text predicted_ctr:number"
        " gdpr_consent_string:text exchange_latency_ms:number ivt_flag:boolean load_ts:aware",
        "request_id=bid_request_id exposure_id=imp_id item_id=creative_id user_id=advertiser_user_key"
        " region=geo device=device_os user_agent=browser_user_agent amount=bid_price_usd click=clicked"
        " model_version=pctr_model score=predicted_ctr consent=gdpr_consent_string"
        " latency_ms=exchange_latency_ms is_bot=ivt_flag stored_at=load_ts",
    ),
    table(
        "inference_log",
        "inference_time",
        "inference_id:text inference_time:aware endpoint_name:text model_uri:text model_stage:text"
        " request_payload:text prediction_score:number actual_label:integer label_time:aware"
        " feature_timestamp:aware customer_number:text latency_millis:number http_status_code:integer"
        " num_missing:integer served_from_cache:boolean ab_bucket:text",
        "request_id=inference_id model_version=model_uri payload=request_payload score=prediction_score"
        " label=actual_label available_at=feature_timestamp user_id=customer_number latency_ms=latency_millis"
        " status=http_status_code missing_features=num_missing cache_hit=served_from_cache variant=ab_bucket",
    ),
    table(
        "shop_cart_events",
        "occurred_on",
        "event_guid:text occurred_on:aware shopper_ref:text basket_ref:text product_code:text"
        " action_name:text unit_price:number quantity:integer currency_code:text channel_name:text"
        " store_country:text client_build:text consent_marketing:boolean is_internal_traffic:boolean"
        " bot_probability:number dwh_loaded_at:aware",
        "event_id=event_guid user_id=shopper_ref basket_id=basket_ref item_id=product_code"
        " event_type=action_name amount=unit_price region=store_country app_version=client_build"
        " consent=consent_marketing stored_at=dwh_loaded_at",
    ),
    table(
        "snowflake_search",
        "SEARCH_TS",
        "SEARCH_ID:text SEARCH_TS:naive VISITOR_KEY:text VISIT_KEY:text SEARCH_PHRASE:text RESULT_COUNT:integer"
        " CLICKED_RANK:integer CLICKED_SKU:text ALGO_NAME:text EXPERIMENT_CELL:text COUNTRY_CD:text"
        " _FIVETRAN_SYNCED:aware",
        "query_id=SEARCH_ID user_id=VISITOR_KEY session_id=VISIT_KEY query_text=SEARCH_PHRASE"
        " position=CLICKED_RANK item_id=CLICKED_SKU model_version=ALGO_NAME variant=EXPERIMENT_CELL"
        " region=COUNTRY_CD stored_at=_FIVETRAN_SYNCED",
    ),
)

SEVENTH = (
    table(
        "braze_email_events",
        "event_at",
        "id:text user_id:text external_user_id:text event_at:aware campaign_id:text message_variation_id:text"
        " email_event_type:text link_url:text device_os:text user_agent_header:text country_iso:text"
        " is_machine_open:boolean ingested_on:aware",
        "event_id=id event_type=email_event_type variant=message_variation_id device=device_os"
        " user_agent=user_agent_header region=country_iso received_at=ingested_on",
    ),
    table(
        "firebase_app_events",
        "event_timestamp",
        "event_timestamp:integer event_name:text event_server_timestamp_offset:integer user_pseudo_id:text"
        " device_category:text device_operating_system:text geo_region:text app_version:text ga_session_number:integer"
        " traffic_source_medium:text event_dimensions:other batch_event_index:integer",
        "event_type=event_name user_id=user_pseudo_id device=device_category region=geo_region",
    ),
    table(
        "adjust_callbacks",
        "created_at_milli",
        "adid:text gps_adid:text activity_kind:text created_at_milli:integer received_at_milli:integer"
        " country:text device_name:text device_kind:text os_version:text app_version_short:text event_token:text"
        " revenue_usd_cents:integer rejection_reason:text user_agent:text",
        "received_at=received_at_milli region=country device=device_kind app_version=app_version_short"
        " amount=revenue_usd_cents reason=rejection_reason event_type=activity_kind",
    ),
    table(
        "feast_retrieval_log",
        "__log_timestamp",
        "__request_id:text __log_timestamp:aware __log_date:date driver_id:integer conv_rate__value:number"
        " conv_rate__status:integer conv_rate__timestamp:aware feature_service_name:text is_default_value:boolean"
        " feature_age_seconds:integer",
        "request_id=__request_id user_id=driver_id available_at=conv_rate__timestamp service=feature_service_name"
        " fallback=is_default_value",
    ),
    table(
        "vertex_endpoint_log",
        "logging_time",
        "endpoint:text deployed_model_id:text logging_time:aware request_id:integer request_payload:text"
        " response_payload:text latency_milliseconds:number error_flag:boolean traffic_split:text",
        "model_version=deployed_model_id payload=request_payload latency_ms=latency_milliseconds failed=error_flag"
        " response=response_payload",
    ),
    table(
        "databricks_inference_table",
        "timestamp_ms",
        "databricks_request_id:text client_request_id:text timestamp_ms:integer status_code:integer"
        " execution_time_ms:integer request:text response:text sampling_fraction:number"
        " served_entity_name:text requester:text",
        "request_id=databricks_request_id status=status_code latency_ms=execution_time_ms query_text=request"
        " model_version=served_entity_name user_id=requester",
    ),
    table(
        "langsmith_runs",
        "start_time",
        "run_id:text trace_id:text session_name:text run_type:text start_time:aware end_time:aware error_text:text"
        " inputs_json:text outputs_json:text llm_model_name:text prompt_tokens:integer total_cost_usd:number"
        " feedback_thumb:integer user_ref:text first_token_time:aware",
        "responded_at=end_time error=error_text model_version=llm_model_name cost=total_cost_usd"
        " rating=feedback_thumb user_id=user_ref payload=inputs_json",
    ),
    table(
        "support_bot_turns",
        "turn_started_at",
        "turn_uuid:text dialog_id:text turn_started_at:aware turn_finished_at:aware customer_ref:text"
        " user_utterance:text bot_reply:text intent_name:text intent_confidence:number csat_score:integer"
        " escalated:boolean llm_version:text workspace_slug:text http_resp_code:integer resp_time_ms:integer",
        "request_id=turn_uuid session_id=dialog_id responded_at=turn_finished_at user_id=customer_ref"
        " query_text=user_utterance response=bot_reply task_type=intent_name rating=csat_score"
        " model_version=llm_version tenant=workspace_slug status=http_resp_code latency_ms=resp_time_ms",
    ),
    table(
        "marketplace_feed_impr",
        "rendered_at",
        "impr_uuid:text rendered_at:aware buyer_uuid:text listing_uuid:text feed_slot:integer ranker_build:text"
        " ab_cell:text score_final:number explore_flag:boolean logging_propensity:number device_class:text"
        " market:text tapped:boolean visible_ms:integer page_request_id:text sink_written_at:aware",
        "exposure_id=impr_uuid user_id=buyer_uuid item_id=listing_uuid position=feed_slot"
        " model_version=ranker_build variant=ab_cell score=score_final is_exploration=explore_flag"
        " propensity=logging_propensity device=device_class region=market click=tapped dwell_ms=visible_ms"
        " request_id=page_request_id stored_at=sink_written_at",
    ),
    table(
        "bank_card_events",
        "txn_ts",
        "txn_id:text txn_ts:aware acct_no:text mcc:text txn_amt_usd:number merchant_country:text pos_entry_mode:text"
        " fraud_score:number fraud_model_ver:text decline_reason:text chargeback_flag:boolean posted_ts:aware"
        " core_loaded_ts:aware",
        "order_id=txn_id user_id=acct_no amount=txn_amt_usd region=merchant_country model_version=fraud_model_ver"
        " reason=decline_reason stored_at=core_loaded_ts",
    ),
    table(
        "news_app_log",
        "log_time",
        "log_id:text log_time:naive reader_hash:text article_no:integer section:text scroll_pct:integer"
        " reading_secs:integer recommended_by:text list_rank:integer region_cd:text appver:text net_type:text"
        " consent_state:text crawler_yn:text",
        "event_id=log_id user_id=reader_hash item_id=article_no dwell_seconds=reading_secs position=list_rank"
        " region=region_cd app_version=appver consent=consent_state is_bot=crawler_yn model_version=recommended_by",
    ),
    table(
        "movielens_ratings",
        "timestamp",
        "userId:integer movieId:integer rating:number timestamp:integer tag:text",
        "user_id=userId item_id=movieId",
    ),
    table(
        "tenrec_qk",
        None,
        "user_id:integer item_id:integer click:integer follow:integer like:integer share:integer"
        " video_category:integer watching_times:integer gender:integer age:integer",
        "user_group=gender",
    ),
    table(
        "alibaba_ad_click",
        "time_stamp",
        "user:integer time_stamp:integer adgroup_id:integer pid:text nonclk:integer clk:integer cate_id:integer"
        " brand:integer price:number final_gender_code:integer age_level:integer",
        "user_id=user item_id=adgroup_id click=clk amount=price user_group=final_gender_code",
    ),
    table(
        "debezium_outbox",
        "source_ts_ms",
        "after_event_id:text after_aggregate_id:text after_event_type:text after_payload:text"
        " after_schema_version:text after_correlation_id:text source_ts_ms:integer ts_ms:integer op:text"
        " source_table:text",
        "event_id=after_event_id event_type=after_event_type payload=after_payload"
        " schema_version=after_schema_version trace_id=after_correlation_id",
    ),
    table(
        "ios_sdk_events",
        "clientTimestamp",
        "eventUUID:text eventName:text clientTimestamp:aware serverTimestamp:aware deviceModel:text platformOS:text"
        " bundleVersion:text userIdentifier:text sessionIdentifier:text countryISO:text isBackfilled:boolean"
        " attributesJSON:text retryNo:integer",
        "event_id=eventUUID event_type=eventName received_at=serverTimestamp device=platformOS"
        " app_version=bundleVersion user_id=userIdentifier session_id=sessionIdentifier region=countryISO"
        " is_backfill=isBackfilled payload=attributesJSON retries=retryNo",
    ),
)

EIGHTH = (
    table(
        "ad_impressions_hourly",
        "impressionTime",
        "impressionId:text impressionTime:aware advertiserId:integer campaignId:integer creativeId:integer userCookie:text"
        " deviceType:text countryCode:text slotPosition:integer bidPrice:number isClicked:boolean isConverted:boolean"
        " modelName:text explorationFlag:boolean serverReceiveTime:aware consentString:text",
        "exposure_id=impressionId item_id=creativeId user_id=userCookie device=deviceType region=countryCode"
        " position=slotPosition amount=bidPrice click=isClicked converted=isConverted model_version=modelName"
        " is_exploration=explorationFlag received_at=serverReceiveTime consent=consentString",
    ),
    table(
        "order_stream",
        "placed_at",
        "order_number:text placed_at:aware customer_uuid:text cart_uuid:text total_price_eur:number store_region:text"
        " sales_channel:text app_release:text device_kind:text voucher_code:text payment_status:text"
        " etl_inserted_at:aware source_system:text",
        "order_id=order_number user_id=customer_uuid basket_id=cart_uuid amount=total_price_eur region=store_region"
        " app_version=app_release device=device_kind status=payment_status stored_at=etl_inserted_at",
    ),
    table(
        "video_watch_events",
        "watch_start_ts",
        "event_key:text watch_start_ts:aware viewer_uuid:text video_uuid:text session_token:text watch_time_s:number"
        " player_version:text device_category:text geo_country:text row_rank:integer reco_algo:text"
        " ingestion_ts:aware kafka_offset:integer",
        "event_id=event_key user_id=viewer_uuid item_id=video_uuid session_id=session_token"
        " dwell_seconds=watch_time_s app_version=player_version device=device_category region=geo_country"
        " position=row_rank model_version=reco_algo received_at=ingestion_ts",
    ),
    table(
        "assistant_requests",
        "requested_at",
        "request_uuid:text requested_at:aware completed_at:aware conversation_key:text account_uuid:text"
        " prompt_body:text answer_body:text llm_model:text latency_in_ms:integer input_tokens:integer output_tokens:integer"
        " usd_cost:number error_class:text is_fallback_model:boolean trace_uuid:text tenant_key:text user_feedback:text"
        " prompt_template_version:text",
        "request_id=request_uuid responded_at=completed_at session_id=conversation_key user_id=account_uuid"
        " query_text=prompt_body response=answer_body model_version=llm_model latency_ms=latency_in_ms cost=usd_cost"
        " error=error_class fallback=is_fallback_model trace_id=trace_uuid tenant=tenant_key rating=user_feedback",
    ),
    table(
        "search_results_log",
        "ts",
        "ts:aware search_uuid:text searcher_id:text typed_query:text doc_key:text result_rank:integer"
        " was_clicked:boolean ranker_score:number ranker_name:text experiment_arm:text market_code:text"
        " browser:text time_to_click_ms:integer written_ts:aware",
        "query_id=search_uuid user_id=searcher_id query_text=typed_query item_id=doc_key position=result_rank"
        " click=was_clicked score=ranker_score model_version=ranker_name variant=experiment_arm region=market_code"
        " stored_at=written_ts",
    ),
    table(
        "feature_vectors",
        "computed_at",
        "entity_key:text feature_name:text feature_val:number computed_at:aware materialized_ts:aware"
        " feature_set_version:text source_job:text is_imputed:boolean",
        "feature=feature_name value=feature_val available_at=materialized_ts",
    ),
    table(
        "bandit_log",
        "decision_ts",
        "decision_uuid:text decision_ts:aware context_user:text chosen_arm:text action_probability:number"
        " observed_reward:number policy_ver:text exploration:boolean surface:text country:text",
        "user_id=context_user propensity=action_probability label=observed_reward region=country"
        " model_version=policy_ver is_exploration=exploration variant=chosen_arm",
    ),
    table(
        "rejected_messages",
        "rejected_at",
        "message_uuid:text rejected_at:aware original_event_ts:aware topic_name:text failure_cause:text"
        " exception_message:text attempt_count:integer raw_body:text producer_service:text schema_ver:text",
        "event_id=message_uuid reason=failure_cause error=exception_message retries=attempt_count payload=raw_body"
        " service=producer_service schema_version=schema_ver",
    ),
    table(
        "mobile_screen_views",
        "event_ts_utc",
        "evt_id:text event_ts_utc:naive install_id:text sess_uuid:text screen_name:text evt_category:text os_name:text"
        " app_ver_name:text locale_country:text ua_raw:text bot_yn:text opt_in_flag:boolean load_dts:naive"
        " payload_json:text",
        "event_id=evt_id user_id=install_id session_id=sess_uuid event_type=evt_category device=os_name"
        " app_version=app_ver_name region=locale_country user_agent=ua_raw is_bot=bot_yn consent=opt_in_flag"
        " stored_at=load_dts payload=payload_json",
    ),
    table(
        "model_scores_daily",
        "scored_on",
        "scored_on:date customer_no:text churn_score:number true_churn:boolean model_ver:text segment_name:text"
        " missing_feature_cnt:integer used_default:boolean",
        "user_id=customer_no score=churn_score model_version=model_ver user_group=segment_name"
        " missing_features=missing_feature_cnt fallback=used_default label=true_churn",
    ),
    table(
        "music_skips",
        "played_ts",
        "play_uuid:text played_ts:aware listener_key:text track_uri:text playlist_pos:integer ms_listened:integer"
        " was_skipped:boolean client_platform:text subscription_tier:text country_iso2:text shuffle_mode:boolean"
        " recommender_version:text",
        "event_id=play_uuid user_id=listener_key item_id=track_uri position=playlist_pos dwell_ms=ms_listened"
        " device=client_platform cohort=subscription_tier region=country_iso2 model_version=recommender_version",
    ),
    table(
        "ticket_labels",
        "labeled_at",
        "ticket_id:text labeled_at:aware annotator_id:text gold_label:text predicted_label:text pred_confidence:number"
        " model_tag:text queue_region:text labeling_task:text",
        "user_id=annotator_id label=gold_label score=pred_confidence model_version=model_tag region=queue_region"
        " task_type=labeling_task",
    ),
)

NINTH = (
    table(
        "clickstream_raw",
        "hit_timestamp",
        "hit_uuid:text hit_timestamp:aware visitor_uuid:text visit_number:integer visit_uuid:text page_path:text"
        " hit_type:text device_group:text country_name:text ua_full:text tag_version:text server_log_ts:aware"
        " bq_insert_ts:aware is_robot_flag:boolean cookie_consent:text",
        "event_id=hit_uuid user_id=visitor_uuid session_id=visit_uuid event_type=hit_type device=device_group"
        " region=country_name user_agent=ua_full stored_at=bq_insert_ts is_bot=is_robot_flag consent=cookie_consent",
    ),
    table(
        "reco_served",
        "served_at",
        "reco_uuid:text served_at:aware customer_hash:text sku_code:text shelf_position:integer strategy_name:text"
        " reco_score:number experiment_variant_name:text cold_start_user:boolean from_fallback:boolean"
        " site_region:text channel_device:text model_release:text trace_ref:text",
        "exposure_id=reco_uuid user_id=customer_hash item_id=sku_code position=shelf_position policy=strategy_name"
        " score=reco_score variant=experiment_variant_name is_new_user=cold_start_user fallback=from_fallback"
        " region=site_region device=channel_device model_version=model_release trace_id=trace_ref",
    ),
    table(
        "purchases",
        "purchase_ts",
        "purchase_uuid:text purchase_ts:aware user_uuid:text product_uuid:text price_paid:number currency:text"
        " country_alpha2:text device_type_name:text attribution_model:text refunded:boolean warehouse_ts:aware",
        "order_id=purchase_uuid user_id=user_uuid item_id=product_uuid amount=price_paid region=country_alpha2"
        " device=device_type_name stored_at=warehouse_ts",
    ),
    table(
        "llm_gateway_calls",
        "call_started",
        "call_uuid:text call_started:aware call_finished:aware team_name:text caller_service:text model_alias:text"
        " provider:text http_status:integer duration_ms:integer cost_in_usd:number cached_response:boolean"
        " error_kind:text session_uuid:text user_email_hash:text prompt_chars:integer guardrail_hits:integer",
        "request_id=call_uuid responded_at=call_finished tenant=team_name service=caller_service"
        " model_version=model_alias status=http_status latency_ms=duration_ms cost=cost_in_usd"
        " cache_hit=cached_response error=error_kind session_id=session_uuid user_id=user_email_hash"
        " rule_hits=guardrail_hits",
    ),
    table(
        "copilot_suggestions",
        "shown_ts",
        "suggestion_id:text shown_ts:aware developer_id:text editor_session:text language:text accepted:boolean"
        " suggestion_text:text final_code:text chars_edited:integer edit_distance_norm:number model_build:text"
        " plugin_version:text telemetry_received:aware org_slug:text",
        "user_id=developer_id session_id=editor_session edit_distance=edit_distance_norm model_version=model_build"
        " app_version=plugin_version received_at=telemetry_received tenant=org_slug response=suggestion_text"
        " final_text=final_code",
    ),
    table(
        "podcast_listens",
        "listen_started_at",
        "listen_id:text listen_started_at:aware account_hash:text episode_uuid:text listened_sec:number"
        " platform_name:text app_build_number:text geo_cc:text slot_index:integer ranking_model:text"
        " is_downloaded:boolean ingest_dt:aware",
        "user_id=account_hash item_id=episode_uuid dwell_seconds=listened_sec device=platform_name"
        " app_version=app_build_number region=geo_cc position=slot_index model_version=ranking_model"
        " received_at=ingest_dt event_id=listen_id",
    ),
    table(
        "fraud_decisions",
        "decided_at",
        "decision_id:text decided_at:aware transaction_uuid:text cardholder_id:text score_value:number model_id:text"
        " decision_reason:text rules_triggered:integer response_time_ms:integer chargeback_label:boolean"
        " country_of_issue:text is_fallback_score:boolean",
        "order_id=transaction_uuid user_id=cardholder_id score=score_value model_version=model_id"
        " reason=decision_reason rule_hits=rules_triggered latency_ms=response_time_ms label=chargeback_label"
        " region=country_of_issue fallback=is_fallback_score",
    ),
    table(
        "survey_responses",
        "submitted_at",
        "response_uuid:text submitted_at:aware respondent_id:text conversation_id:text nps_score:integer"
        " free_text:text product_area:text locale_code:text client_platform:text",
        "response_id=response_uuid user_id=respondent_id session_id=conversation_id rating=nps_score"
        " region=locale_code device=client_platform",
    ),
    table(
        "kafka_dlq",
        "failed_ts",
        "dlq_id:text failed_ts:aware src_topic:text src_partition:integer err_class:text err_message:text"
        " payload_bytes:text retry_cnt:integer event_uuid:text schema_rev:integer producer_app:text",
        "event_id=event_uuid error=err_message retries=retry_cnt payload=payload_bytes schema_version=schema_rev"
        " service=producer_app",
    ),
    table(
        "gpu_billing",
        "usage_hour",
        "usage_hour:aware project_name:text resource_type:text cost_amount:number region_name:text model_family:text"
        " labels_json:text",
        "cost=cost_amount region=region_name",
    ),
    table(
        "travel_searches",
        "searched_at",
        "search_key:text searched_at:aware traveler_id:text origin_country:text results_shown:integer"
        " clicked_hotel_id:text clicked_position:integer booked:boolean booking_value_eur:number device_os:text"
        " ab_test_group:text sort_algo:text user_agent_str:text",
        "query_id=search_key user_id=traveler_id region=origin_country item_id=clicked_hotel_id"
        " position=clicked_position converted=booked amount=booking_value_eur device=device_os variant=ab_test_group"
        " model_version=sort_algo user_agent=user_agent_str",
    ),
    table(
        "push_notifications",
        "sent_ts",
        "push_id:text sent_ts:aware recipient_uuid:text campaign_key:text template_version:text opened:boolean"
        " opened_ts:aware device_token:text os_family:text country_iso_code:text policy_arm:text send_prob:number",
        "user_id=recipient_uuid device=os_family region=country_iso_code variant=policy_arm propensity=send_prob"
        " event_id=push_id",
    ),
)

TENTH = (
    table(
        "web_tracking",
        "client_event_at",
        "tracking_id:text client_event_at:aware gateway_received_at:aware lake_written_at:aware user_ref:text"
        " browser_session_ref:text product_ref:text event_label:text shop_country:text device_form:text"
        " ua_text:text page_lang:text release_version:text marketing_consent:boolean w3c_traceparent:text",
        "event_id=tracking_id received_at=gateway_received_at stored_at=lake_written_at user_id=user_ref"
        " session_id=browser_session_ref item_id=product_ref event_type=event_label region=shop_country"
        " device=device_form user_agent=ua_text app_version=release_version consent=marketing_consent"
        " trace_id=w3c_traceparent",
    ),
    table(
        "ranking_requests",
        "request_ts",
        "ranking_request_id:text request_ts:aware response_ts:aware user_pseudonym:text candidate_count:integer"
        " features_missing_cnt:integer model_served:text took_ms:number status_txt:text fallback_reason:text"
        " cache_outcome:text cluster_region:text experiment_bucket:text",
        "request_id=ranking_request_id responded_at=response_ts user_id=user_pseudonym"
        " missing_features=features_missing_cnt model_version=model_served latency_ms=took_ms status=status_txt"
        " reason=fallback_reason cache_hit=cache_outcome region=cluster_region variant=experiment_bucket",
    ),
    table(
        "chatbot_conversations",
        "message_ts",
        "message_key:text message_ts:aware chat_session_id:text end_customer_id:text question_text:text"
        " answer_text:text answered_ts:aware model_deployment:text token_cost_usd:number user_stars:integer"
        " channel:text language_code:text handover:boolean latency_total_ms:integer",
        "event_id=message_key session_id=chat_session_id user_id=end_customer_id query_text=question_text"
        " response=answer_text responded_at=answered_ts model_version=model_deployment cost=token_cost_usd"
        " rating=user_stars latency_ms=latency_total_ms",
    ),
    table(
        "grocery_impressions",
        "displayed_ts",
        "impression_key:text displayed_ts:aware household_key:text article_nr:integer tile_position:integer"
        " relevance_score:number promo_variant:text clicked_flag:integer bought_flag:integer branch_region:text"
        " app_build_nr:text recommender_release:text random_slot:boolean",
        "exposure_id=impression_key user_id=household_key item_id=article_nr position=tile_position"
        " score=relevance_score variant=promo_variant click=clicked_flag converted=bought_flag"
        " region=branch_region app_version=app_build_nr model_version=recommender_release"
        " is_exploration=random_slot",
    ),
    table(
        "game_telemetry",
        "event_utc",
        "event_nr:text event_utc:aware player_uuid:text match_session:text item_sku:text event_class:text"
        " platform_code:text server_region:text client_build_nr:text server_utc:aware is_bot_player:boolean"
        " event_json:text schema_rev_nr:integer",
        "event_id=event_nr user_id=player_uuid session_id=match_session item_id=item_sku event_type=event_class"
        " device=platform_code region=server_region app_version=client_build_nr received_at=server_utc"
        " is_bot=is_bot_player payload=event_json schema_version=schema_rev_nr",
    ),
    table(
        "offer_conversions",
        "converted_at",
        "conversion_uuid:text converted_at:aware click_uuid:text partner_id:integer offer_key:text subscriber_ref:text"
        " payout_usd:number sale_value_usd:number country_cd:text postback_received_at:aware is_test:boolean",
        "item_id=offer_key user_id=subscriber_ref amount=sale_value_usd region=country_cd"
        " received_at=postback_received_at event_id=conversion_uuid",
    ),
    table(
        "feature_serving_audit",
        "lookup_ts",
        "lookup_id:text lookup_ts:aware entity_id:text view_name:text served_value:number default_flag:boolean"
        " staleness_s:number online_write_ts:aware service_nm:text",
        "fallback=default_flag service=service_nm",
    ),
    table(
        "experiments_exposure",
        "first_exposed_at",
        "subject_id:text first_exposed_at:aware experiment_slug:text assigned_variant:text assignment_prob:number"
        " subject_country:text subject_platform:text holdout:boolean warehouse_synced_at:aware",
        "user_id=subject_id experiment_id=experiment_slug variant=assigned_variant propensity=assignment_prob"
        " region=subject_country device=subject_platform stored_at=warehouse_synced_at",
    ),
    table(
        "document_search",
        "query_issued_at",
        "query_hash:text query_issued_at:aware employee_nr:text query_string:text doc_uuid:text doc_rank:integer"
        " opened:boolean dwell_secs:number bm25_score:number retriever_version:text helpful_vote:integer"
        " index_release:text tenant_slug:text",
        "query_id=query_hash user_id=employee_nr query_text=query_string item_id=doc_uuid position=doc_rank"
        " dwell_seconds=dwell_secs score=bm25_score model_version=retriever_version rating=helpful_vote"
        " tenant=tenant_slug",
    ),
    table(
        "loan_scoring",
        "scored_ts",
        "application_nr:text scored_ts:aware applicant_key:text pd_score:number scorecard_version:text"
        " decision:text decision_reason_code:text defaulted_flag:integer observed_ts:aware channel_nm:text"
        " loan_amt_eur:number age_band:text",
        "user_id=applicant_key score=pd_score model_version=scorecard_version reason=decision_reason_code"
        " label=defaulted_flag amount=loan_amt_eur user_group=age_band",
    ),
    table(
        "ml_training_costs",
        "billing_day",
        "billing_day:date job_uuid:text gpu_hours:number total_cost_usd:number team_slug:text"
        " model_name:text cloud_region:text",
        "cost=total_cost_usd tenant=team_slug model_version=model_name region=cloud_region",
    ),
    table(
        "stream_dead_letters",
        "dead_lettered_at",
        "dl_uuid:text dead_lettered_at:aware orig_event_id:text reject_reason_text:text exception_class:text"
        " num_attempts:integer raw_payload_json:text origin_service:text schema_version_nr:integer",
        "event_id=orig_event_id reason=reject_reason_text error=exception_class retries=num_attempts"
        " payload=raw_payload_json service=origin_service schema_version=schema_version_nr",
    ),
)

ELEVENTH = (
    table(
        "site_events",
        "event_timestamp",
        "event_uuid:text event_timestamp:aware received_timestamp:aware user_id:text anonymous_uuid:text session_uuid:text"
        " event_name:text product_sku:text category_name:text price:number country:text device:text browser_user_agent:text"
        " app_version:text experiment_name:text variant_name:text consent_given:boolean event_payload:text",
        "event_id=event_uuid received_at=received_timestamp session_id=session_uuid event_type=event_name"
        " item_id=product_sku amount=price region=country user_agent=browser_user_agent"
        " experiment_id=experiment_name variant=variant_name consent=consent_given payload=event_payload",
    ),
    table(
        "recommendation_log",
        "shown_time",
        "recommendation_id:text shown_time:aware user_key:text item_key:text shown_position:integer"
        " recommendation_score:number algorithm_name:text page_type:text country_code:text clicked:boolean"
        " click_time:aware purchased:boolean propensity:number explore:boolean",
        "exposure_id=recommendation_id user_id=user_key item_id=item_key position=shown_position"
        " score=recommendation_score model_version=algorithm_name region=country_code click=clicked"
        " converted=purchased is_exploration=explore",
    ),
    table(
        "llm_chat_turns",
        "created_at",
        "turn_id:text conversation_id:text user_uuid:text created_at:aware user_prompt:text assistant_response:text"
        " model:text total_tokens:integer latency_seconds:number feedback:text copied_length:integer task_type:text"
        " region_code:text",
        "request_id=turn_id session_id=conversation_id user_id=user_uuid query_text=user_prompt"
        " response=assistant_response model_version=model rating=feedback span_length=copied_length region=region_code",
    ),
    table(
        "transactions_fact",
        "transaction_timestamp",
        "transaction_key:text transaction_timestamp:naive customer_key:text product_key:text store_key:text"
        " sales_amount:number quantity_sold:integer promotion_key:text currency_key:text load_timestamp:naive",
        "order_id=transaction_key user_id=customer_key item_id=product_key amount=sales_amount"
        " stored_at=load_timestamp",
    ),
    table(
        "ad_server_log",
        "served_ts",
        "auction_id:text served_ts:aware line_item_id:text creative_id:text cookie_id:text geo_country_code:text"
        " device_type:text user_agent:text viewable:boolean clicked:boolean ecpm_usd:number pctr_score:number"
        " bidder_model_version:text page_position:integer logged_ts:aware",
        "item_id=creative_id user_id=cookie_id region=geo_country_code device=device_type click=clicked"
        " score=pctr_score model_version=bidder_model_version position=page_position",
    ),
    table(
        "playback_sessions",
        "started_at",
        "playback_session_id:text subscriber_id:text title_id:text started_at:aware ended_at:aware"
        " seconds_watched:integer device_platform:text country:text app_release:text bitrate_kbps:integer"
        " rebuffer_count:integer row_rank:integer recommendation_model:text created_in_dwh:aware",
        "session_id=playback_session_id user_id=subscriber_id item_id=title_id responded_at=ended_at"
        " dwell_seconds=seconds_watched device=device_platform region=country app_version=app_release"
        " position=row_rank model_version=recommendation_model stored_at=created_in_dwh",
    ),
    table(
        "prediction_events",
        "prediction_timestamp",
        "prediction_id:text prediction_timestamp:aware account_id:text model_name:text model_version:text"
        " predicted_probability:number actual_outcome:boolean outcome_timestamp:aware features_json:text"
        " feature_timestamp:aware serving_latency_ms:number error_message:text fallback_used:boolean"
        " missing_feature_count:integer environment:text",
        "user_id=account_id score=predicted_probability label=actual_outcome payload=features_json"
        " available_at=feature_timestamp latency_ms=serving_latency_ms error=error_message fallback=fallback_used"
        " missing_features=missing_feature_count",
    ),
    table(
        "api_access_log",
        "request_time",
        "request_id:text request_time:aware client_id:text path:text method:text http_status:integer"
        " response_time_ms:number user_agent:text source_region:text service:text trace_id:text cache_status:text"
        " api_version:text error_code:text",
        "user_id=client_id status=http_status latency_ms=response_time_ms region=source_region"
        " cache_hit=cache_status error=error_code",
    ),
    table(
        "feedback_events",
        "feedback_time",
        "feedback_id:text feedback_time:aware response_id:text user_id:text thumbs:text rating_value:integer"
        " edit_distance:integer dwell_time_ms:integer copied:boolean task:text model_id:text comment_text:text",
        "rating=thumbs dwell_ms=dwell_time_ms task_type=task model_version=model_id",
    ),
    table(
        "dead_letter_events",
        "failed_at",
        "id:text failed_at:aware event_id:text topic:text error_reason:text error_class:text retry_count:integer"
        " raw_payload:text schema_version:text service_name:text",
        "reason=error_reason error=error_class retries=retry_count payload=raw_payload service=service_name",
    ),
)
