"""Tables of public projects, with their columns and types as they are declared there.

Each is (dataset, event time, columns by family, words by column). What a column is was decided by its
meaning before any of them was run. `word=a|b` takes either column; `?word=a` may be left out; a column that
is in no word must get none. Every second table was held back.

Right at first sight were 81 % of the columns of the first half, and 76 % of the other; the other half had 83 %
once words and patterns were learned from the first, and fresh.py 85 % once they were learned from both.
"""
# ruff: noqa: E501 -- tables of names

from tests.discover.schemas import table

REAL = (
    table(  # snowplow/snowplow: atomic.events
        "events",
        "derived_tstamp",
        "app_id:text platform:text etl_tstamp:naive collector_tstamp:naive dvce_created_tstamp:naive event:text"
        " event_id:text txn_id:integer name_tracker:text v_tracker:text v_collector:text v_etl:text user_id:text"
        " user_ipaddress:text user_fingerprint:text domain_userid:text domain_sessionidx:integer"
        " network_userid:text geo_country:text geo_region:text geo_city:text geo_zipcode:text"
        " geo_latitude:number geo_longitude:number geo_region_name:text ip_isp:text ip_organization:text"
        " ip_domain:text page_url:text page_title:text page_referrer:text refr_medium:text refr_source:text"
        " mkt_medium:text mkt_source:text mkt_campaign:text se_category:text se_action:text se_label:text"
        " se_property:text se_value:number tr_orderid:text tr_affiliation:text tr_total:number tr_tax:number"
        " tr_city:text tr_country:text ti_orderid:text ti_sku:text ti_name:text ti_category:text"
        " ti_price:number ti_quantity:integer pp_xoffset_min:integer useragent:text br_name:text br_family:text"
        " br_version:text br_type:text br_lang:text br_features_pdf:boolean br_cookies:boolean"
        " br_colordepth:text br_viewwidth:integer os_name:text os_family:text os_timezone:text dvce_type:text"
        " dvce_ismobile:boolean doc_charset:text tr_currency:text mkt_clickid:text etl_tags:text"
        " dvce_sent_tstamp:naive domain_sessionid:text derived_tstamp:naive event_vendor:text event_name:text"
        " event_format:text event_version:text event_fingerprint:text true_tstamp:naive",
        "received_at=collector_tstamp stored_at=etl_tstamp event_type=event|event_name"
        " session_id=domain_sessionid order_id=txn_id|tr_orderid|ti_orderid region=geo_country|geo_region"
        " device=dvce_type|platform|os_family user_agent=useragent schema_version=event_version"
        " digest=event_fingerprint item_id=ti_sku amount=ti_price|tr_total ?value=se_value"
        " ?app_version=v_tracker",
    ),
    table(  # Helicone/helicone: request_response_rmt
        "request_response_rmt",
        "request_created_at",
        "response_id:other response_created_at:naive latency:integer status:integer completion_tokens:integer"
        " prompt_tokens:integer model:text request_id:other request_created_at:naive user_id:text"
        " organization_id:other proxy_key_id:other threat:boolean time_to_first_token:integer provider:text"
        " target_url:text country_code:text properties:other scores:other request_body:text"
        " response_body:text assets:other updated_at:naive",
        "responded_at=response_created_at latency_ms=latency model_version=model tenant=organization_id"
        " region=country_code payload=properties|request_body response=response_body"
        " ?query_text=request_body",
    ),
    table(  # langfuse/langfuse: observations
        "observations",
        "start_time",
        "id:text trace_id:text project_id:text type:text parent_observation_id:text start_time:naive"
        " end_time:naive name:text metadata:other level:text status_message:text version:text input:text"
        " output:text provided_model_name:text internal_model_id:text model_parameters:text"
        " provided_usage_details:other usage_details:other cost_details:other total_cost:number"
        " completion_start_time:naive prompt_id:text prompt_name:text prompt_version:integer"
        " created_at:naive updated_at:naive event_ts:naive is_deleted:integer environment:text",
        "?event_id=id event_type=type responded_at=end_time query_text=input response=output"
        " model_version=provided_model_name|internal_model_id cost=total_cost ?app_version=version"
        " ?tenant=project_id ?error=status_message",
    ),
    table(  # Helicone/helicone: provider_api_logs
        "provider_api_logs",
        "request_created_at",
        "response_id:other response_created_at:naive latency:integer status:integer completion_tokens:integer"
        " prompt_tokens:integer model:text request_id:other request_created_at:naive auth_hash:text"
        " user_id:text organization_id:other feedback_created_at:naive feedback_id:integer"
        " is_thumbs_up:boolean created_at:naive",
        "responded_at=response_created_at latency_ms=latency model_version=model tenant=organization_id"
        " ?rating=is_thumbs_up ?stored_at=created_at",
    ),
    table(  # lmnr-ai/lmnr: spans
        "spans",
        "start_time",
        "span_id:other name:text span_type:integer start_time:aware end_time:aware input_cost:number"
        " output_cost:number total_cost:number model:text session_id:text project_id:other trace_id:other"
        " provider:text prompt_tokens:integer completion_tokens:integer total_tokens:integer user_id:text",
        "responded_at=end_time cost=total_cost model_version=model ?tenant=project_id ?event_type=span_type|name",
    ),
    table(  # open-telemetry/opentelemetry-collector-contrib: otel_traces
        "otel_traces",
        "Timestamp",
        "Timestamp:aware_ns TraceId:text SpanId:text ParentSpanId:text TraceState:text SpanName:text"
        " SpanKind:text ServiceName:text ResourceAttributes:other ScopeName:text ScopeVersion:text"
        " SpanAttributes:other Duration:integer StatusCode:text StatusMessage:text Events:other Links:other",
        "trace_id=TraceId service=ServiceName status=StatusCode ?payload=SpanAttributes"
        " ?error=StatusMessage ?event_type=SpanName|SpanKind",
    ),
    table(  # highlight/highlight: traces
        "traces",
        "Timestamp",
        "Timestamp:naive UUID:other TraceId:text SpanId:text ParentSpanId:text ProjectId:integer"
        " SecureSessionId:text TraceState:text SpanName:text SpanKind:text Duration:integer ServiceName:text"
        " ServiceVersion:text TraceAttributes:other StatusCode:text StatusMessage:text",
        "trace_id=TraceId session_id=SecureSessionId service=ServiceName app_version=ServiceVersion"
        " status=StatusCode ?event_id=UUID ?tenant=ProjectId ?error=StatusMessage ?payload=TraceAttributes"
        " ?event_type=SpanName|SpanKind",
    ),
    table(  # umami-software/umami: website_event
        "website_event",
        "created_at",
        "website_id:other session_id:other visit_id:other event_id:other hostname:text browser:text os:text"
        " device:text screen:text language:text country:text subdivision1:text subdivision2:text city:text"
        " url_path:text url_query:text referrer_path:text referrer_query:text referrer_domain:text"
        " page_title:text event_type:integer event_name:text created_at:aware job_id:other",
        "region=country ?replay_id=job_id ?tenant=website_id",
    ),
    table(  # plausible/analytics: sessions
        "sessions",
        "start",
        "session_id:integer sign:integer domain:text user_id:integer hostname:text is_bounce:integer"
        " entry_page:text exit_page:text pageviews:integer events:integer duration:integer referrer:text"
        " referrer_source:text country_code:text screen_size:text operating_system:text browser:text"
        " start:naive timestamp:naive utm_medium:text utm_source:text utm_campaign:text browser_version:text"
        " operating_system_version:text subdivision1_code:text city_geoname_id:integer utm_content:text"
        " utm_term:text transferred_from:text",
        "region=country_code device=operating_system",
    ),
    table(  # illfate/analytics-service: events
        "events",
        "client_time",
        "client_time:naive server_time:naive ip:text device_id:text device_os:text session:text"
        " sequence:integer event:text param_int:integer param_str:text",
        "received_at=server_time device=device_os session_id=session event_type=event ?user_id=device_id"
        " ?payload=param_str",
    ),
    table(  # arshia-rgh/ED_clickhouse: sabte_ahval_events
        "sabte_ahval_events",
        "timestamp",
        "event_id:text event_name:text user_id:text session_id:text anonymous_id:text timestamp:naive"
        " service_origin:text platform:text platform_version:text os_name:text os_version:text"
        " browser_name:text browser_version:text device_type:text screen_resolution:text user_agent:text"
        " profile_id:text is_new_user:boolean",
        "event_type=event_name device=device_type|platform|os_name service=service_origin",
    ),
    table(  # Aclik/data-ware-house-parent: dwd_notification_log
        "dwd_notification_log",
        "ap_time",
        "mid_id:text user_id:text version_code:text version_name:text lang:text source:text os:text area:text"
        " model:text brand:text sdk_version:text gmail:text height_width:text app_time:text network:text"
        " lng:text lat:text action:text noti_type:text ap_time:text content:text server_time:text dt:text",
        "app_version=version_name|version_code|sdk_version device=os region=area event_type=action|noti_type"
        " received_at=server_time",
    ),
    table(  # databricks notebook: analytics_event_log
        "analytics_event_log",
        "log_date",
        "log_type:text log_date:text platform:text os_version:text app_version:text agent:text ip:text"
        " msrl:integer pid:text sid:text ad_id:text start:text campaign:other ab_name:other"
        " info_session:other host:text page:text page_dims:other referrer_host:text event:text"
        " event_type:text area:text ord:integer event_dims:other dt:text",
        "device=platform user_agent=agent session_id=sid region=area ?item_id=ad_id ?payload=event_dims"
        " ?user_id=msrl|pid ?experiment_id=ab_name",
    ),
    table(  # s3 adl rawdata events
        "app_events",
        "eventtime",
        "eventid:text appversion:text schemaversion:text productid:text name:text eventtime:integer"
        " sessionid:text userid:text platform:text event:text recievedtimestamp:integer source:text"
        " devicetime:integer receivedtime:integer offset:integer shard:integer",
        "event_id=eventid app_version=appversion schema_version=schemaversion item_id=productid"
        " session_id=sessionid user_id=userid device=platform event_type=event received_at=receivedtime|recievedtimestamp",
    ),
    table(  # screamingweasel/sample-data: video_events
        "video_events",
        "event_time",
        "device_id:text event_type:text event_time:text play_time_ms:integer buffer_time_ms:integer"
        " event_year:text event_month:text event_day:text event_hour:text process_yymmddhh:text",
        "dwell_ms=play_time_ms ?user_id=device_id",
    ),
    table(  # serverless clickstream
        "clickstream_events",
        "created_at",
        "event_name:text user_id:text created_at:text received_at:text user_agent:text origin:text"
        " element_clicked:text time_spent:integer source_menu:text page_url:text",
        "event_type=event_name dwell_seconds=time_spent",
    ),
    table(  # ext_click_stream (Firebolt)
        "click_stream",
        "event_time",
        "event_time:naive ad_id:integer session_id:text viewer_id:text event_type:integer channel_id:integer",
        "item_id=ad_id user_id=viewer_id",
    ),
    table(  # birdben/birdShell: ad click log
        "ad_click_log",
        "client_timestamp",
        "name:text rpid:text bid:text uid:text did:text duid:text hbuid:text ua:text device_id:text ip:text"
        " server_timestamp:integer level:text message:text client_timestamp:integer",
        "user_id=uid user_agent=ua received_at=server_timestamp ?event_type=name",
    ),
    table(  # kiminh/analyzer: ocpc_unionlog
        "ocpc_unionlog",
        "timestamp",
        "searchid:text timestamp:integer uid:text exp_ctr:number exp_cvr:number ideaid:integer price:integer"
        " userid:integer adclass:integer isclick:integer isshow:integer exptags:text cpa_given:integer"
        " ocpc_log:text iscvr:integer dt:text hour:text",
        "query_id=searchid user_id=uid|userid score=exp_ctr|exp_cvr item_id=ideaid amount=price click=isclick"
        " converted=iscvr ?experiment_id=exptags",
    ),
    table(  # kiminh/analyzer: slim_unionlog
        "slim_unionlog",
        "ts",
        "searchid:text ts:integer uid:text exp_ctr:number ideaid:integer bid:integer price:integer"
        " userid:integer adclass:integer isclick:integer isshow:integer exptags:text adslot_type:integer"
        " bs_rank_tag:text bs_num:integer dt:text hour:text",
        "query_id=searchid user_id=uid|userid score=exp_ctr item_id=ideaid amount=price click=isclick"
        " ?experiment_id=exptags",
    ),
    table(  # intuit/wasabi: event_impression
        "event_impression",
        "timestamp",
        "user_id:text experiment_id:other bucket_label:text timestamp:naive",
        "variant=bucket_label",
    ),
    table(  # kiart-tantasi/spring-boot-growthbook: assignment
        "assignment",
        "timestamp",
        "user_id:text timestamp:naive experiment_id:text variation_id:text",
        "variant=variation_id",
    ),
    table(  # OpenAttribution/open-attribution: impressions
        "impressions",
        "event_time",
        "event_time:naive store_id:text network:text campaign_name:text campaign_id:text ad_name:text"
        " ad_id:text ifa:other client_ip:text country_iso:text state_iso:text city_name:text link_uid:other"
        " received_at:naive",
        "item_id=ad_id region=country_iso ?user_id=ifa ?exposure_id=link_uid",
    ),
    table(  # public.ad_impressions
        "ad_impressions",
        "served_at",
        "id:other campaign_id:other user_id:other post_id:other cost_usd:number served_at:aware meta:other"
        " created_at:aware",
        "exposure_id=id item_id=post_id cost=cost_usd ?payload=meta ?stored_at=created_at",
    ),
    table(  # experimentation treatments (swetrix)
        "experiment_exposures",
        "created",
        "pid:text experimentId:text variantKey:text profileId:text created:aware",
        "experiment_id=experimentId variant=variantKey user_id=profileId ?tenant=pid",
    ),
    table(  # trieve: experiment_user_assignments
        "experiment_user_assignments",
        "created_at",
        "id:other experiment_id:other user_id:text dataset_id:other treatment_name:text created_at:naive"
        " updated_at:naive",
        "variant=treatment_name ?event_id=id ?tenant=dataset_id",
    ),
    table(  # devflowinc/trieve: recommendations
        "recommendations",
        "created_at",
        "id:other recommendation_type:text positive_ids:other negative_ids:other positive_tracking_ids:other"
        " negative_tracking_ids:other request_params:text results:other top_score:number dataset_id:other"
        " created_at:naive",
        "exposure_id=id score=top_score ?payload=request_params ?tenant=dataset_id",
    ),
    table(  # rtb responses
        "rtb_responses",
        "ts",
        "ts:naive req_uuid:other target:text status_code:integer duration_ms:integer dropped:integer resp_body:text",
        "request_id=req_uuid status=status_code latency_ms=duration_ms response=resp_body",
    ),
    table(  # premAI-io/PremRunner: traces
        "traces",
        "created_at",
        "id:text input:text output:text model:text prompt_tokens:integer completion_tokens:integer"
        " total_tokens:integer duration:integer created_at:integer",
        "?trace_id=id query_text=input response=output model_version=model ?latency_ms=duration",
    ),
    table(  # kenhaesler/ai-portainer-dashboard: llm_traces
        "llm_traces",
        "created_at",
        "id:integer trace_id:text session_id:text model:text prompt_tokens:integer completion_tokens:integer"
        " total_tokens:integer latency_ms:integer status:text user_query:text response_preview:text"
        " feedback_score:integer feedback_text:text created_at:text",
        "model_version=model query_text=user_query response=response_preview rating=feedback_score ?event_id=id",
    ),
    table(  # Ramya083/llm_fastapi: llm_logs
        "llm_logs",
        "created_at",
        "id:integer prompt:text response:text model_name:text model_provider:text created_at:naive",
        "query_text=prompt model_version=model_name ?event_id=id ?request_id=id",
    ),
    table(  # basemind-ai/gateway: prompt_request_record
        "prompt_request_record",
        "start_time",
        "id:other is_stream_response:boolean request_tokens:integer response_tokens:integer"
        " request_tokens_cost:number response_tokens_cost:number start_time:aware finish_time:aware"
        " duration_ms:integer prompt_config_id:other provider_model_pricing_id:other error_log:text"
        " finish_reason:text",
        "request_id=id responded_at=finish_time latency_ms=duration_ms error=error_log reason=finish_reason"
        " ?cost=request_tokens_cost|response_tokens_cost",
    ),
    table(  # LlmCall (prisma)
        "LlmCall",
        "createdAt",
        "id:text telegramUserId:text sessionId:text messageId:text model:text promptTokens:integer"
        " completionTokens:integer totalTokens:integer cachedTokens:integer cacheWriteTokens:integer"
        " reasoningTokens:integer audioTokens:integer cost:number upstreamCost:number finishReason:text"
        " hasToolCalls:boolean toolCallCount:integer requestDurationMs:integer createdAt:naive",
        "user_id=telegramUserId session_id=sessionId model_version=model reason=finishReason"
        " latency_ms=requestDurationMs ?request_id=id ?event_id=messageId|id",
    ),
    table(  # LlmCallLog (prisma)
        "LlmCallLog",
        "createdAt",
        "id:text source:text providerId:text providerName:text model:text status:text latencyMs:integer"
        " promptTokens:integer completionTokens:integer totalTokens:integer cost:number prompt:text"
        " systemPrompt:text response:text error:text userId:text submissionId:text createdAt:naive meta:other",
        "model_version=model latency_ms=latencyMs query_text=prompt user_id=userId ?event_id=id ?request_id=id"
        " ?payload=meta",
    ),
    table(  # llm_calls (telemetry of an app)
        "llm_calls",
        "created_at",
        "id:text org_id:integer user_id:integer feature:text context_json:text model:text request_json:text"
        " response_json:text input_tokens:integer output_tokens:integer latency_ms:integer error:text"
        " trace_id:text created_at:text",
        "tenant=org_id model_version=model response=response_json ?request_id=id ?event_id=id"
        " ?payload=request_json|context_json ?query_text=request_json",
    ),
    table(  # llm_calls (another)
        "llm_calls",
        "ts",
        "id:integer ts:aware prompt_key:text prompt_version:text prompt_hash:text input_payload:other"
        " output_text:text output_json:other model:text temperature:number top_p:number"
        " max_output_tokens:integer latency_ms:integer tokens_prompt:integer tokens_output:integer"
        " success:boolean error:text",
        "payload=input_payload response=output_text model_version=model ?request_id=id ?event_id=id"
        " ?digest=prompt_hash",
    ),
    table(  # LLMCall (sqlmodel)
        "llm_call",
        "timestamp",
        "id:text model:text role:text topic_slug:text prompt_tokens:integer completion_tokens:integer"
        " total_tokens:integer cost_usd:number timestamp:aware",
        "model_version=model cost=cost_usd ?request_id=id ?event_id=id",
    ),
    table(  # MessageFeedback (prisma)
        "MessageFeedback",
        "createdAt",
        "id:text messageId:text messageContent:text queryContent:text rating:text category:text comment:text"
        " userId:text model:text catalogId:text createdAt:naive",
        "query_text=queryContent user_id=userId model_version=model ?event_id=id|messageId"
        " ?response=messageContent ?response_id=messageId",
    ),
    table(  # pypi nao-core: message_feedback
        "message_feedback",
        "created_at",
        "message_id:text vote:text explanation:text created_at:integer updated_at:integer",
        "rating=vote ?event_id=message_id ?response_id=message_id",
    ),
    table(  # public.message_feedback (supabase)
        "message_feedback",
        "created_at",
        "id:other message_id:other conversation_id:other user_id:other rating:integer comment:text created_at:aware",
        "session_id=conversation_id ?event_id=id|message_id ?response_id=message_id",
    ),
    table(  # mit-submit/A2rchi: feedback
        "feedback",
        "feedback_ts",
        "mid:integer feedback_ts:naive feedback:text feedback_msg:text incorrect:boolean unhelpful:boolean"
        " inappropriate:boolean",
        "rating=feedback ?event_id=mid ?response_id=mid",
    ),
    table(  # rd1512/decision-drift-detector: predictions
        "predictions",
        "timestamp",
        "id:integer prediction_id:text timestamp:text decision:text probability:number latency_ms:number"
        " input_mean:number input_std:number model_version:text",
        "score=probability ?request_id=prediction_id ?event_id=prediction_id|id",
    ),
    table(  # tsmith560/glass-casket: predictions
        "predictions",
        "timestamp",
        "id:integer input_text:text output_text:text timestamp:naive model_version:text"
        " confidence_score:number metadata:other",
        "query_text=input_text response=output_text score=confidence_score ?event_id=id ?payload=metadata",
    ),
    table(  # PredictionLog (sqlalchemy)
        "prediction_logs",
        "timestamp",
        "id:integer model_id:integer input_features:other prediction:number actual_label:number"
        " timestamp:naive created_at:naive",
        "model_version=model_id score=prediction label=actual_label ?event_id=id ?payload=input_features"
        " ?stored_at=created_at",
    ),
    table(  # databricks mlops: predictions
        "predictions",
        "timestamp",
        "model_id:text prediction:number price:number timestamp:naive",
        "model_version=model_id score=prediction ?label=price ?amount=price",
    ),
    table(  # 004_model_monitoring: predictions_log
        "predictions_log",
        "served_at",
        "id:integer fixture_id:other served_at:aware p_home:number p_draw:number p_away:number"
        " top_class:integer model_version:text",
        "?event_id=id ?item_id=fixture_id",
    ),
    table(  # Marinagrup2/IRWA: query
        "query",
        "timestamp",
        "query_id:integer session_id:integer query:text timestamp:naive",
        "query_text=query",
    ),
    table(  # Bahanack-GY/MyDermaLife: search_logs
        "search_logs",
        "created_at",
        "id:other user_id:other session_token:text search_query:text filters:other results_count:integer"
        " ip_address:text user_agent:text created_at:naive",
        "session_id=session_token query_text=search_query ?query_id=id ?event_id=id",
    ),
    table(  # searchAnalytics (drizzle)
        "searchAnalytics",
        "createdAt",
        "id:integer userId:integer query:text resultCount:integer resultClicked:boolean"
        " clickedResultId:integer clickedResultType:text searchDuration:integer filters:other"
        " sessionId:text createdAt:naive",
        "user_id=userId query_text=query click=resultClicked session_id=sessionId ?item_id=clickedResultId"
        " ?query_id=id ?event_id=id",
    ),
    table(  # heran/DekiWiki: query_log
        "query_log",
        "created",
        "query_id:integer ref_query_id:integer created:naive raw:text sorted_terms:text parsed:text"
        " user_id:integer result_count:integer",
        "?query_text=raw",
    ),
    table(  # search_logs (similarities)
        "search_logs",
        "timestamp",
        "id:integer session_id:text timestamp:naive query:text all_results:other selected_result:text"
        " similarities:other created_at:naive",
        "query_text=query ?query_id=id ?event_id=id ?stored_at=created_at",
    ),
    table(  # search_analytics (supabase)
        "search_analytics",
        "search_timestamp",
        "id:other search_query:text user_id:other results_count:integer clicked_result_id:other"
        " clicked_result_type:text search_timestamp:aware",
        "query_text=search_query ?item_id=clicked_result_id ?query_id=id ?event_id=id",
    ),
    table(  # thephenom00/Road-To-CDN77: http_log
        "http_log",
        "timestamp",
        "timestamp:naive resource_id:integer bytes_sent:integer request_time_milli:integer"
        " response_status:integer cache_status:text method:text remote_addr:text url:text",
        "latency_ms=request_time_milli status=response_status cache_hit=cache_status ?item_id=resource_id",
    ),
    table(  # freakchick/DBApi: access_log
        "access_log",
        "timestamp",
        "id:text url:text status:integer duration:integer timestamp:integer ip:text client_id:text"
        " api_id:text error:text",
        "user_id=client_id ?event_id=id ?request_id=id ?latency_ms=duration",
    ),
    table(  # SqrtMinusOne/nginx-logs-to-postgres
        "nginx_log",
        "time",
        "id:integer time_local:text path:text ip:text remote_user:text remote_port:integer time:naive"
        " user_agent:text user_id_got:text user_id_set:text request:text status:integer"
        " body_bytes_sent:integer request_time:number request_method:text server_name:text"
        " geoip_country_code:text http_referrer:text",
        "region=geoip_country_code ?event_id=id ?user_id=remote_user|user_id_got|user_id_set",
    ),
    table(  # nginx (clickhouse)
        "nginx_visits",
        "@timestamp",
        "@timestamp:naive remote_addr:text request_method:text request_uri:text status:integer"
        " body_bytes_sent:integer request_time:number http_referer:text http_user_agent:text scheme:text"
        " host:text request_headers_json:text request_post_data:text",
        "user_agent=http_user_agent ?payload=request_post_data",
    ),
    table(  # mraysmit/peegeeq: dead_letter_queue
        "dead_letter_queue",
        "failed_at",
        "id:integer original_table:text original_id:integer topic:text payload:other"
        " original_created_at:aware failed_at:aware failure_reason:text retry_count:integer headers:other"
        " correlation_id:text message_group:text",
        "reason=failure_reason retries=retry_count trace_id=correlation_id ?event_id=id|original_id",
    ),
    table(  # inviqa/kafka-consumer-go: kafka_consumer_retries
        "kafka_consumer_retries",
        "created_at",
        "id:integer topic:text batch_id:text retry_started_at:naive retry_completed_at:naive"
        " payload_json:other payload_headers:other kafka_offset:integer kafka_partition:integer"
        " payload_key:text attempts:integer deadlettered:boolean successful:boolean last_error:text"
        " errored:boolean created_at:naive updated_at:naive",
        "payload=payload_json retries=attempts dead_letter=deadlettered error=last_error failed=errored"
        " ?event_id=id ?responded_at=retry_completed_at ?replay_id=batch_id",
    ),
    table(  # getlago/lago-api: events_dead_letter
        "events_dead_letter",
        "timestamp",
        "organization_id:text external_subscription_id:text code:text transaction_id:text timestamp:naive"
        " ingested_at:naive failed_at:naive event:other initial_error_message:text error_code:text"
        " error_message:text",
        "tenant=organization_id received_at=ingested_at error=error_message|error_code payload=event"
        " ?order_id=transaction_id ?event_id=transaction_id ?event_type=code ?reason=error_code"
        " ?user_id=external_subscription_id",
    ),
    table(  # CDCgov/NEDSS-DataReporting: rtr_dead_letter_log
        "rtr_dead_letter_log",
        "received_at",
        "id:other origin_topic:text payload_key:text payload:text original_consumer_group:text"
        " exception_stack_trace:text exception_message:text exception_fqcn:text exception_cause_fqcn:text"
        " received_at:naive",
        "error=exception_message ?event_id=id",
    ),
    table(  # failed_click_events
        "failed_click_events",
        "created_at",
        "id:integer event_id:other payload:other failure_reason:text retry_count:integer created_at:aware"
        " next_retry_at:aware",
        "reason=failure_reason retries=retry_count",
    ),
    table(  # mengxy5236/streamlab: watch_histories
        "watch_histories",
        "watched_at",
        "id:integer user_id:integer video_id:integer progress:integer duration:integer watched_at:naive",
        "item_id=video_id ?event_id=id ?dwell_seconds=duration",
    ),
    table(  # video_watch_history
        "video_watch_history",
        "created_at",
        "id:text created_at:naive last_updated_at:naive user_id:text video_id:text duration_in_ms:integer",
        "item_id=video_id ?dwell_ms=duration_in_ms ?latency_ms=duration_in_ms ?event_id=id",
    ),
    table(  # user_video_history (drizzle)
        "user_video_history",
        "watched_at",
        "id:text user_id:text video_id:text time_watched:integer watched_at:naive created_at:naive updated_at:naive",
        "item_id=video_id dwell_seconds=time_watched ?event_id=id ?stored_at=created_at",
    ),
    table(  # WatchHistory (prisma)
        "WatchHistory",
        "watchedAt",
        "id:text watchedAt:naive watchTime:integer userId:text videoId:text",
        "user_id=userId item_id=videoId dwell_seconds=watchTime ?event_id=id",
    ),
    table(  # Ethan00Si/KuaiSAR: rec_inter
        "rec_inter",
        "timestamp",
        "user_id:integer item_id:integer playing_time:number duration_ms:number time:naive timestamp:number"
        " click:integer forward:integer like:integer follow:integer search:integer search_item_related:integer",
        "?dwell_ms=playing_time ?latency_ms=duration_ms",
    ),
    table(  # KuaiRec: big_matrix
        "big_matrix",
        "timestamp",
        "user_id:integer video_id:integer play_duration:integer video_duration:integer time:naive"
        " date:integer timestamp:number watch_ratio:number",
        "item_id=video_id ?dwell_ms=play_duration",
    ),
    table(  # rutube: interactions
        "rutube_interactions",
        "timestamp",
        "viewer_uid:text rutube_video_id:text total_watchtime:integer timestamp:naive ua_device_type:text"
        " ua_os:text category:text",
        "user_id=viewer_uid item_id=rutube_video_id dwell_seconds=total_watchtime device=ua_device_type|ua_os",
    ),
    table(  # igor-policee/airflow-etl-pipeline: user_order_log_raw
        "user_order_log_raw",
        "date_time",
        "id:integer date_time:naive city_id:integer city_name:text customer_id:integer first_name:text"
        " last_name:text item_id:integer item_name:text quantity:integer payment_amount:number status:text",
        "user_id=customer_id amount=payment_amount ?event_id=id ?order_id=id",
    ),
    table(  # andreyaksenov/greenplum-sandbox: orders
        "orders",
        "order_date",
        "row_id:integer order_id:text order_date:date ship_date:date ship_mode:text customer_id:text"
        " customer_name:text segment:text country:text city:text state:text postal_code:text region:text"
        " product_id:text category:text sub_category:text product_name:text sales:number quantity:integer"
        " discount:number profit:number",
        "user_id=customer_id item_id=product_id amount=sales user_group=segment ?event_id=row_id",
    ),
    table(  # ChallengeBox/challengebox-plugin: box_orders
        "box_orders",
        "created_date",
        "id:integer user_id:integer parent_id:integer status:text created_date:naive completed_date:naive"
        " sku:text box_debits:integer box_month:text sku_month:text total:number revenue_items:number"
        " revenue_ship:number revenue_rush:number",
        "order_id=id item_id=sku amount=total ?responded_at=completed_date",
    ),
    table(  # ORDER_STATUS_EVENT (snowflake)
        "ORDER_STATUS_EVENT",
        "SOLD_AT",
        "ORDER_ID:number CUSTOMER_ID:number PRODUCT_ID:number QUANTITY:number UNIT_PRICE:number"
        " ORDER_TOTAL:number SOLD_AT:naive _INGESTED_AT:naive",
        "order_id=ORDER_ID user_id=CUSTOMER_ID item_id=PRODUCT_ID amount=ORDER_TOTAL|UNIT_PRICE"
        " received_at=_INGESTED_AT",
    ),
    table(  # f_order_item_events
        "f_order_item_events",
        "ts_ms",
        "order_item_event_sk:integer order_id:integer customer_id:integer book_id:integer op:integer"
        " ts_ms:integer quantity:integer price_at_purchase:number discount:number",
        "event_id=order_item_event_sk user_id=customer_id item_id=book_id amount=price_at_purchase",
    ),
)
LEARNED, HELD_BACK = REAL[::2], REAL[1::2]
