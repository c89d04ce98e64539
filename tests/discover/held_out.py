"""Tables of public projects that nothing was learned from: looked at last, and only scored.

What a column is was decided before any of them was run; the notation is that of real.py.
"""
# ruff: noqa: E501 -- tables of names

from tests.discover.schemas import table

HELD_OUT = (
    table(  # pawarbi/agentic-app-fabric-workshop: tool_usage
        "tool_usage",
        None,
        "tool_call_id:text session_id:text trace_id:text tool_id:text tool_name:text tool_input:text"
        " tool_output:text tool_message:text status:text executing_agent:text agent_type:text"
        " tokens_used:integer execution_time_ms:integer",
        "latency_ms=execution_time_ms ?request_id=tool_call_id ?event_id=tool_call_id ?response=tool_output"
        " ?payload=tool_input ?query_text=tool_input",
    ),
    table(  # harryn0502/infinite-loop: agent_runs
        "agent_runs",
        "start_time",
        "run_id:text start_time:text end_time:text status:text error:text user_id:text session_id:text"
        " thread_id:text input_messages:other output_messages:other model_name:text tags:other runtime:other"
        " total_tokens:integer total_cost:number",
        "responded_at=end_time model_version=model_name cost=total_cost ?replay_id=run_id ?event_id=run_id"
        " ?request_id=run_id ?query_text=input_messages ?response=output_messages",
    ),
    table(  # the same: steps
        "steps",
        None,
        "step_id:text run_id:text step_index:integer is_llm_call:integer is_tool_call:integer"
        " prompt_text:text llm_output_text:text llm_input_tokens:integer llm_output_tokens:integer"
        " llm_prompt_cost:number llm_completion_cost:number llm_total_cost:number finish_reason:text"
        " model_name:text model_provider:text tool_name:text tool_status:text tool_response:text"
        " tool_cost:number tool_latency_ms:integer previous_step_id:text",
        "query_text=prompt_text response=llm_output_text cost=llm_total_cost reason=finish_reason"
        " model_version=model_name latency_ms=tool_latency_ms status=tool_status ?event_id=step_id"
        " ?replay_id=run_id ?position=step_index",
    ),
    table(  # agent_runs (serial)
        "agent_runs",
        "created_at",
        "id:integer agent_id:text user_id:text status:text summary:text error:text created_at:naive updated_at:naive",
        "?event_id=id ?replay_id=id ?request_id=id",
    ),
    table(  # bulffi/DW: movie_review
        "movie_review",
        "time",
        "productID:integer userID:text profileName:text num_reader:integer num_helpfulness:integer"
        " score:number time:date summary:text text:text",
        "item_id=productID user_id=userID",
    ),
    table(  # TheThreeServerneers/reviews-service: reviews
        "reviews",
        "review_date",
        "id:integer review_id:integer product_id:integer product_name:text user_id:integer username:text"
        " is_verified:boolean title:text review_text:text score:integer review_date:date found_helpful:integer",
        "item_id=product_id ?event_id=review_id|id",
    ),
    table(  # reviews (drizzle)
        "reviews",
        "createdAt",
        "id:integer productId:integer buyerId:integer rating:integer title:text content:text helpful:integer"
        " isVerifiedPurchase:boolean createdAt:naive updatedAt:naive",
        "item_id=productId user_id=buyerId ?event_id=id ?converted=isVerifiedPurchase",
    ),
    table(  # reviews_table
        "reviews_table",
        "date",
        "id:integer rating:number title:text text:text product_id:text group_id:text user_id:text date:date"
        " helpful_vote:integer verified_purchase:boolean medium_image_url:text",
        "item_id=product_id ?event_id=id",
    ),
    table(  # product_reviews
        "product_reviews",
        "created_at",
        "id:integer product_id:integer user_id:integer order_id:integer rating:integer title:text"
        " comment:text review_text:text is_verified_purchase:integer is_approved:integer"
        " helpful_count:integer created_at:naive updated_at:naive",
        "item_id=product_id ?event_id=id",
    ),
    table(  # artkostm/udf: bids (iPinYou)
        "bids",
        "time",
        "bidID:text time:naive ipinyouid:text useragent:text ip:text regionId:integer cityId:integer"
        " adexchange:integer domain:text url:text anonUrl:text adslotId:text adslotwidth:integer"
        " adslotheight:integer adslotvisibility:text adslotformat:text addslotfloorprice:number"
        " creativeid:text biddingprice:number advertiserid:integer userprofileids:other",
        "user_id=ipinyouid user_agent=useragent region=regionId item_id=creativeid ?event_id=bidID"
        " ?request_id=bidID ?amount=biddingprice ?cost=biddingprice",
    ),
    table(  # Facebook recruiting IV: bids
        "bids",
        "time",
        "bid_id:integer bidder_id:text auction:text merchandise:text device:text time:integer country:text ip:text url:text",
        "user_id=bidder_id region=country ?event_id=bid_id ?item_id=auction",
    ),
    table(  # codexxx-code/go-servers: ssp_wins
        "ssp_wins",
        "created_at",
        "requestId:text ssp:text price:text created_at:naive",
        "request_id=requestId",
    ),
    table(  # analytics_bid_landscape
        "analytics_bid_landscape",
        "observed_at",
        "observed_at:aware auction_id:text request_id:text publisher_id:text app_id:text placement_id:text"
        " adapter_id:text adapter_name:text imp_id:text bid_id:text bid_price:number bid_currency:text"
        " creative_id:text advertiser_domain:text won:boolean clearing_price:number second_price:number",
        "exposure_id=imp_id item_id=creative_id ?event_id=bid_id ?amount=bid_price|clearing_price"
        " ?cost=clearing_price ?converted=won",
    ),
    table(  # republik/plattform: consents
        "consents",
        "createdAt",
        "id:other userId:other policy:text ip:text record:text createdAt:aware",
        "user_id=userId consent=record ?event_id=id",
    ),
    table(  # amanyrath/spend: consent_audit_log
        "consent_audit_log",
        "timestamp",
        "id:integer user_id:text action:text ip_address:text timestamp:text",
        "?event_type=action ?consent=action ?event_id=id",
    ),
    table(  # consent_log (TTDSG)
        "consent_log",
        "created_at",
        "id:integer user_id:other ip_hash:text user_agent:text consent_given:boolean categories:other"
        " consent_text_snapshot:text created_at:aware",
        "consent=consent_given ?event_id=id",
    ),
    table(  # consent_log (BookLocal)
        "consent_log",
        "created_at",
        "id:integer user_id:other scope:text value:boolean ua:text ip:other created_at:aware",
        "user_agent=ua ?consent=value ?event_id=id",
    ),
    table(  # Consent (prisma)
        "Consent",
        "timestamp",
        "id:text ip:text consent:boolean timestamp:naive userAgent:text language:text referer:text createdAt:naive",
        "user_agent=userAgent ?event_id=id ?stored_at=createdAt",
    ),
    table(  # model_deployments (sqlite)
        "model_deployments",
        "created_at",
        "id:integer model_name:text version:text stage:text status:text artifact_path:text"
        " artifact_hashes:text created_at:text",
        "model_version=version|model_name ?release=stage ?app_version=version",
    ),
    table(  # postgresml: deployments
        "deployments",
        "created_at",
        "id:integer project_id:integer model_id:integer strategy:text created_at:naive",
        "model_version=model_id ?policy=strategy ?tenant=project_id",
    ),
    table(  # WizardBeardStudio/open-game-telemetry: GameEvent
        "GameEvent",
        "timestamp",
        "id:text gameName:text gameType:text gameVersion:text eventType:text timestamp:naive payload:other",
        "event_id=id app_version=gameVersion event_type=eventType",
    ),
    table(  # analyticsevents (Fabricate)
        "analyticsevents",
        "created",
        "category:text action:text questid:text userid:text questversion:integer created:date difficulty:text"
        " platform:text players:integer version:text",
        "event_type=action user_id=userid device=platform app_version=version ?item_id=questid",
    ),
    table(  # telemetry_events (campaigns)
        "telemetry_events",
        "timestamp",
        "id:integer timestamp:text event_name:text severity:text campaign_id:text session_id:text"
        " actor_type:text actor_id:text request_id:text invocation_id:text trace_id:text span_id:text"
        " attributes_json:other",
        "event_id=id event_type=event_name user_id=actor_id payload=attributes_json",
    ),
    table(  # telemetry_events (supabase)
        "telemetry_events",
        "created_at",
        "id:other created_at:aware event_name:text props:other platform:text app_version:text device_id:text"
        " session_id:text user_id:other",
        "event_id=id event_type=event_name payload=props device=platform",
    ),
    table(  # telemetry_events (client metrics)
        "telemetry_events",
        "timestamp_ms",
        "id:integer session_id:text event_type:text event_name:text page_path:text payload:text"
        " user_agent:text user_id:text timestamp_ms:integer created_at:integer",
        "event_id=id ?stored_at=created_at ?received_at=created_at",
    ),
    table(  # guvenozgur/outbox-pattern-demo: outbox
        "outbox",
        "timestamp",
        "id:integer aggregate_id:other aggregate_type:text payload:other event_type:text timestamp:aware",
        "event_id=id",
    ),
    table(  # dolartand/pet-project-ecommerce: outbox_events
        "outbox_events",
        "created_at",
        "id:text aggregate_id:text event_type:text payload:text routing_key:text exchange_name:text"
        " created_at:naive processed:boolean processed_at:naive retry_count:integer max_retries:integer"
        " error_message:text",
        "event_id=id retries=retry_count error=error_message ?stored_at=processed_at",
    ),
    table(  # outbox (prisma)
        "outbox",
        "createdAt",
        "id:text aggregateId:text aggregateType:text eventType:text payload:other published:boolean"
        " publishedAt:naive createdAt:naive retryCount:integer lastError:text",
        "event_id=id event_type=eventType retries=retryCount error=lastError",
    ),
    table(  # core.outbox_events
        "outbox_events",
        "occurredAt",
        "id:text type:text aggregateId:text payload:other version:text occurredAt:naive published:boolean"
        " publishedAt:naive retryCount:integer lastError:text traceId:text actorId:text",
        "event_id=id event_type=type retries=retryCount error=lastError trace_id=traceId user_id=actorId"
        " ?schema_version=version ?app_version=version",
    ),
    table(  # OutboxEvent
        "OutboxEvent",
        "timestamp",
        "id:other aggregatetype:text aggregateid:text type:text timestamp:naive payload:text tracingspancontext:text",
        "event_id=id event_type=type ?trace_id=tracingspancontext",
    ),
)
