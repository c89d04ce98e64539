"""More tables of public projects, looked at once the words and patterns had been learned from those in real.py.

What a column is was decided before any of them was run; the notation is that of real.py.
"""
# ruff: noqa: E501 -- tables of names

from tests.discover.schemas import table

FRESH = (
    table(  # mvetlu/650-recommendation_project_cloudless: interactions
        "interactions",
        "timestamp",
        "interaction_id:integer user_id:text item_id:text rating:number timestamp:integer",
        "event_id=interaction_id",
    ),
    table(  # the same: local_requests
        "local_requests",
        "timestamp",
        "request_id:integer user_id:text timestamp:integer latency_ms:number limit_val:integer success:boolean"
        " error_message:text",
        "error=error_message",
    ),
    table(  # manchandak/icustomer-test: user_interactions
        "user_interactions",
        "timestamp",
        "interaction_id:integer user_id:integer product_id:integer action:text timestamp:naive"
        " user_interaction_count:integer",
        "event_id=interaction_id item_id=product_id event_type=action",
    ),
    table(  # UserInteraction (prisma)
        "UserInteraction",
        "createdAt",
        "id:text userId:text targetType:text targetId:text interactionType:text weight:number createdAt:naive",
        "event_id=id user_id=userId item_id=targetId event_type=interactionType",
    ),
    table(  # recommendations (recommendation service)
        "recommendations",
        "created_at",
        "id:other user_id:other product_id:other score:number reason:text created_at:aware",
        "exposure_id=id item_id=product_id",
    ),
    table(  # interactions with a value
        "interactions",
        "ts",
        "id:integer user_id:text item_id:text event_type:text value:number ts:aware",
        "event_id=id",
    ),
    table(  # user_interaction (prisma)
        "user_interaction",
        "created_at",
        "id:text user_id:text post_id:text interaction_type:text metadata:other created_at:naive",
        "event_id=id item_id=post_id event_type=interaction_type ?payload=metadata",
    ),
    table(  # sovrium/sovrium: analytics_page_views
        "analytics_page_views",
        "timestamp",
        "id:text timestamp:aware app_name:text page_path:text page_title:text visitor_hash:text"
        " session_hash:text is_entrance:boolean referrer_url:text referrer_domain:text utm_source:text"
        " utm_medium:text utm_campaign:text utm_content:text utm_term:text device_type:text"
        " browser_name:text os_name:text language:text screen_width:integer screen_height:integer",
        "event_id=id service=app_name user_id=visitor_hash session_id=session_hash device=device_type|os_name",
    ),
    table(  # usefathom/fathom: pageviews
        "pageviews",
        "timestamp",
        "id:text site_tracking_id:text hostname:text pathname:text is_new_visitor:integer"
        " is_new_session:integer is_unique:integer is_bounce:integer is_finished:integer referrer:text"
        " duration:integer timestamp:naive",
        "is_new_user=is_new_visitor ?event_id=id ?tenant=site_tracking_id ?dwell_seconds=duration",
    ),
    table(  # robertsahlin/dumbo-analytics: page_table
        "page_table",
        "timestamp",
        "timestamp:text visitor_id:text session_id:text time:text minute_of_hour:text date_time:text"
        " status_code:text user_agent:text host:text path:text previous_path:text next_path:text"
        " page_number:integer domain:text experiment:text page_type:text screen_size:text title:text"
        " bounce:integer exit:integer entrance:integer date:text",
        "user_id=visitor_id status=status_code experiment_id=experiment",
    ),
    table(  # pageviews (prisma)
        "pageviews",
        "added_iso",
        "id:text added_iso:aware path:text country_code:text device_type:text document_referrer:text"
        " utm_source:text duration_seconds:integer is_unique:boolean created_at:aware",
        "region=country_code device=device_type ?event_id=id ?dwell_seconds=duration_seconds ?stored_at=created_at",
    ),
    table(  # page_views with started_at
        "page_views",
        "started_at",
        "id:other user_id:other device_id:text fingerprint:text ip:text user_agent:text referrer:text"
        " page_url:text path:text search:text title:text language:text timezone:text viewport:other"
        " screen:other started_at:aware ended_at:aware created_at:aware updated_at:aware",
        "event_id=id ?responded_at=ended_at ?stored_at=created_at",
    ),
    table(  # PageView (prisma)
        "PageView",
        "enteredAt",
        "id:text sessionId:text fingerprint:text userId:text path:text referrer:text queryParams:other"
        " userAgent:text deviceType:text browser:text os:text country:text city:text ip:text duration:integer"
        " enteredAt:naive exitedAt:naive utmSource:text utmMedium:text utmCampaign:text",
        "event_id=id session_id=sessionId user_id=userId user_agent=userAgent device=deviceType|os"
        " region=country ?dwell_seconds=duration",
    ),
    table(  # inference_log (text classification)
        "inference_log",
        "ts",
        "id:integer ts:aware model:text text_hash:text label:text score:number latency_ms:integer"
        " cache_hit:boolean worker_id:text",
        "model_version=model ?event_id=id ?request_id=id ?digest=text_hash",
    ),
    table(  # mlfoundry_inference_log
        "mlfoundry_inference_log",
        "occurred_at",
        "id:integer model_name:text model_version:text inference_id:text features:other predictions:other"
        " occurred_at:naive shap_values:other raw_data:other actuals:other",
        "request_id=inference_id ?event_id=id ?payload=raw_data|features",
    ),
    table(  # inference_logs
        "inference_logs",
        "request_time",
        "id:integer user_id:integer api_key_id:integer request_payload:other response_payload:other"
        " error:text request_time:aware response_time:aware created_at:aware",
        "payload=request_payload response=response_payload responded_at=response_time ?event_id=id"
        " ?request_id=id ?stored_at=created_at",
    ),
    table(  # rajgottipati/Hyperlearn: api_usage_logs
        "api_usage_logs",
        "created_at",
        "id:other user_id:other endpoint:text method:text status_code:integer response_time_ms:integer"
        " created_at:aware request_data:other response_data:other error_message:text",
        "status=status_code latency_ms=response_time_ms error=error_message ?event_id=id ?request_id=id"
        " ?payload=request_data ?response=response_data",
    ),
    table(  # aldeluca1973/helixadvisors-ai: api_access_logs
        "api_access_logs",
        "created_at",
        "id:integer user_id:other endpoint:text method:text response_status:integer response_time_ms:integer"
        " tier:text created_at:aware",
        "status=response_status latency_ms=response_time_ms cohort=tier ?event_id=id ?request_id=id",
    ),
    table(  # vnmchuo/llm-gateway: usage_logs
        "usage_logs",
        "created_at",
        "id:other tenant_id:other request_id:text provider:text model:text input_tokens:integer"
        " output_tokens:integer cost_usd:number latency_ms:integer created_at:aware",
        "tenant=tenant_id model_version=model cost=cost_usd ?event_id=id",
    ),
    table(  # api_usage_logs (prisma)
        "api_usage_logs",
        "timestamp",
        "id:text userId:text apiKeyId:text endpoint:text method:text statusCode:integer responseTime:integer"
        " cost:number userAgent:text ipAddress:text requestSize:integer responseSize:integer timestamp:naive",
        "user_id=userId status=statusCode latency_ms=responseTime user_agent=userAgent ?event_id=id ?request_id=id",
    ),
    table(  # usage_log
        "usage_log",
        "created_at",
        "id:other user_id:other endpoint:text payload:other result_status:text created_at:aware",
        "status=result_status ?event_id=id ?request_id=id",
    ),
    table(  # taecontrol/orion: messages
        "messages",
        "created_at",
        "id:integer content:text role:text finish_reason:text prompt_tokens:integer completion_tokens:integer"
        " created_at:naive",
        "reason=finish_reason ?event_id=id",
    ),
    table(  # messages (drizzle)
        "messages",
        "created_at",
        "id:integer thread_id:text role:text content:text created_at:integer input_tokens:integer"
        " output_tokens:integer completion_id:text",
        "session_id=thread_id ?event_id=id ?response_id=completion_id ?request_id=completion_id",
    ),
    table(  # messages (msg_id)
        "messages",
        "created_at",
        "msg_id:integer user_id:other thread_id:other role:text created_at:aware content:text token_cnt:integer",
        "event_id=msg_id session_id=thread_id",
    ),
    table(  # ChatMessage (prisma)
        "ChatMessage",
        "createdAt",
        "id:text threadId:text sender:text text:text createdAt:naive feedback:boolean",
        "session_id=threadId ?rating=feedback ?event_id=id ?user_id=sender",
    ),
    table(  # dzekuza/pav4: Conversion
        "Conversion",
        "timestamp",
        "id:integer user:text orderId:text amount:number domain:text timestamp:naive",
        "user_id=user order_id=orderId ?event_id=id",
    ),
    table(  # aatuh/recsys: bandit_rewards_log
        "bandit_rewards_log",
        "ts",
        "org_id:text namespace:text surface:text bucket_key:text policy_id:text algo:text reward:boolean"
        " request_id:text meta:other ts:aware",
        "tenant=org_id model_version=algo label=reward policy=policy_id ?variant=bucket_key ?payload=meta",
    ),
    table(  # kishoreyekkanti/epsilon-ab: eps_greedy_ctr
        "eps_greedy_ctr",
        "created_at",
        "id:integer user_unique_id:text test_name:text option_no:integer trial:integer reward:integer created_at:aware",
        "user_id=user_unique_id experiment_id=test_name label=reward ?variant=option_no ?event_id=id",
    ),
    table(  # pagesandpeace/pagesandpeacestore: email_events
        "email_events",
        "timestamp",
        "id:other blast_id:other subscriber:text event_type:text timestamp:aware metadata:other",
        "event_id=id user_id=subscriber ?payload=metadata",
    ),
    table(  # NaveenChandraSanka/colare-tool: email_events
        "email_events",
        "created_at",
        "id:other attendee_id:other event_type:text email_step:text source:text metadata:other created_at:aware",
        "event_id=id user_id=attendee_id ?payload=metadata",
    ),
    table(  # jteruya/ddmailgun: mailgun_events
        "mailgun_events",
        "eventtimestamp",
        "applicationid:other eventtimestamp:integer recipientemail:text senderemail:text subject:text"
        " clickurl:text eventstatus:text id:text messageid:text clientos:text devicetype:text"
        " clientname:text clienttype:text useragent:text",
        "event_id=id|messageid device=devicetype|clientos user_agent=useragent status=eventstatus"
        " ?event_type=eventstatus ?tenant=applicationid",
    ),
    table(  # sendflowr.email_events
        "email_events",
        "timestamp",
        "event_id:text event_type:text timestamp:aware esp:text recipient_id:text recipient_email:text"
        " campaign_id:text campaign_name:text message_id:text subject:text click_url:text bounce_type:text"
        " user_agent:text ip_address:text metadata:text ingested_at:aware",
        "user_id=recipient_id received_at=ingested_at ?payload=metadata",
    ),
    table(  # giustogianni/spotify-wrapped: stream
        "stream",
        "ts",
        "ts:text username:text platform:text ms_played:integer conn_country:text ip_addr_decrypted:text"
        " user_agent_decrypted:text master_metadata_track_name:text spotify_track_uri:text episode_name:text"
        " episode_show_name:text spotify_episode_uri:text reason_start:text reason_end:text shuffle:boolean"
        " skipped:boolean offline:boolean offline_timestamp:integer incognito_mode:boolean",
        "user_id=username device=platform dwell_ms=ms_played region=conn_country"
        " user_agent=user_agent_decrypted item_id=spotify_track_uri ?reason=reason_end|reason_start",
    ),
    table(  # csci701s25/crescendo: listening_history
        "listening_history",
        "played_at",
        "id:other user_id:other track_id:text track_name:text artist_name:text album_name:text"
        " album_image_url:text latitude:number longitude:number played_at:aware",
        "item_id=track_id ?event_id=id",
    ),
    table(  # listening_history (warehouse)
        "listening_history",
        "played_at",
        "played_at:naive date:date hour:integer weekday:text track_name:text artist_name:text"
        " album_name:text ms_played:integer platform:text conn_country:text",
        "dwell_ms=ms_played device=platform region=conn_country",
    ),
    table(  # SpotifyPlay (prisma)
        "SpotifyPlay",
        "ts",
        "id:text ts:naive platform:text msPlayed:integer connCountry:text ipAddr:text trackName:text"
        " albumArtistName:text albumName:text spotifyTrackUri:text episodeName:text reasonStart:text"
        " reasonEnd:text shuffle:boolean skipped:boolean offline:boolean incognitoMode:boolean",
        "device=platform dwell_ms=msPlayed region=connCountry item_id=spotifyTrackUri"
        " ?reason=reasonStart|reasonEnd ?event_id=id",
    ),
)
