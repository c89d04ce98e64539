"""What columns and datasets tend to be called, and what Weir calls them: the table, and nothing else.

Names are compared without case, separators and CamelCase: `userID`, `user_id` and `USER-ID` are one.
"""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    # Weir's word: the families of types it may have ("" for any), and what else it is called, best first.
    "event_id": (
        "text integer other",
        """
        event_uuid event_guid evt_id ev_id message_id msg_id insert_id record_id log_id hit_id uuid guid""",
    ),
    "user_id": (
        "text integer other number",
        """
        uid user_uuid user_key user distinct_id customer_id cust_id customer client_id visitor_id member_id
        account_id profile_id person_id subscriber_id viewer_id buyer_id shopper_id player_id programmer_id
        reader_id anonymous_id user_pseudo_id actor_id author_id domain_userid user_hash uuid_user mpid
        end_user_id enduser_id panelist_id""",
    ),
    "session_id": (
        "text integer other",
        """
        sid session session_uuid session_key visit_id session_token conversation_id chat_id conv_id thread_id
        domain_sessionid ga_session_id""",
    ),
    "item_id": (
        "text integer other number",
        """
        product_id item sku product_sku product article_id content_id asset_id video_id track_id song_id
        movie_id listing_id offer_id ad_id creative_id document_id doc_id post_id news_id asin isbn
        target_id""",
    ),
    "exposure_id": (
        "text integer other",
        """
        impression_id exposure_uuid imp_id impression rec_id recommendation_id display_id""",
    ),
    "request_id": (
        "text integer other",
        "req_id request_uuid call_id completion_id turn_id rid inference_id invocation_id",
    ),
    "response_id": ("text integer other", "answer_id reply_id generation_id resp_id response_uuid"),
    "query_id": ("text integer other", "search_id qid query_uuid"),
    "trace_id": (
        "text integer other",
        """
        trace traceid correlation_id x_trace_id traceparent span_trace_id""",
    ),
    "order_id": ("text integer other", "transaction_id purchase_id txn_id"),
    "basket_id": ("text integer other", "cart_id cart basket"),
    "experiment_id": (
        "text integer other",
        """
        experiment exp_id experiment_key experiment_name ab_test test_id test_name test_key""",
    ),
    "region": (
        "text",
        """
        country country_code geo_country geo region_code region_name market market_code territory
        geo_region area country_iso locale data_center datacenter dc availability_zone geo_country state
        geo_location""",
    ),
    "device": (
        "text",
        """
        device_type device_category device_class device_family platform device_kind form_factor os
        operating_system device_os client_os""",
    ),
    "user_agent": (
        "text",
        """
        ua agent http_user_agent browser_ua browser_agent user_agent_string ua_string""",
    ),
    "app_version": (
        "text number",
        """
        client_version app_build build app_ver version_name release sdk_version""",
    ),
    "model_version": (
        "text integer number",
        """
        model_name model model_id model_tag model_ver ranker_version ranker algorithm_version algorithm
        algo policy_version policy model_key deployment_id
        served_model model_deployment model_served""",
    ),
    "variant": (
        "text integer boolean",
        """
        ab_variant experiment_variant variant_id variant_name experiment_group ab_group treatment
        test_group arm variation cohort_group bucket_name treatment_group group
        experiment_cell test_cell cell""",
    ),
    "position": (
        "integer number",
        """
        pos rank slot slot_position display_position item_position rank_position place position_index""",
    ),
    "propensity": (
        "number integer",
        """
        propensity_score pscore p_score action_prob action_probability logging_prob logging_probability
        selection_probability prob_logged behavior_prob""",
    ),
    "consent": (
        "boolean integer text",
        """
        has_consent consent_given consent_status consent_flag gdpr_consent tracking_consent is_consented
        consented opt_in opted_in gdpr_ok consent_string tracking_allowed""",
    ),
    "schema_version": (
        "",
        """
        schema_ver event_schema_version payload_version event_version schema_id data_version schema""",
    ),
    "event_type": (
        "text integer",
        """
        event_name event evt_type action_type event_kind event_category action interaction_type activity
        signal_type signal kind call_type behavior behaviour behavior_type interaction verb act type""",
    ),
    "label": (
        "integer number boolean text",
        """
        outcome label_value ground_truth target y_true y clf_target reward
        is_relevant relevance outcome_value""",
    ),
    "click": ("boolean integer text", "clicked is_click is_clicked clicks"),
    "score": (
        "number integer",
        """
        prediction predicted_score pred_score model_score y_pred_proba predicted_probability y_score
        rank_score ranking_score relevance_score predicted_ctr pctr logit confidence likelihood""",
    ),
    "query_text": (
        "text other",
        """
        query prompt user_prompt input_text request_text question user_query search_query search_term
        search_text input utterance user_input""",
    ),
    "response": (
        "text other",
        """
        completion response_text answer output_text model_response output generated_text reply
        assistant_message""",
    ),
    "final_text": ("text other", "edited_text sent_text kept_text final_answer accepted_text"),
    "rating": ("integer number text", "stars user_rating feedback_score thumbs star_rating rating_value"),
    "span_length": (
        "integer number",
        "copied_chars copied_length span_len copy_length selection_length copied_characters",
    ),
    "edit_distance": (
        "integer number",
        "levenshtein levenshtein_distance edit_ratio edit_rate normalized_edit_distance",
    ),
    "dwell_ms": ("integer number", "dwell_time_ms dwell_millis time_on_answer_ms read_time_ms view_time_ms"),
    "dwell_seconds": (
        "integer number",
        "dwell dwell_time dwell_s dwell_sec time_on_page time_spent read_time watch_time view_duration",
    ),
    "sampled": ("boolean integer text", "is_sampled kept was_sampled in_sample is_kept"),
    "task_type": ("text integer", "task task_name task_category use_case intent skill"),
    "status": (
        "integer text number",
        "status_code http_status response_code http_status_code response_status state http_code",
    ),
    "latency_ms": (
        "integer number",
        "duration_ms elapsed_ms response_time_ms latency_millis took_ms response_ms request_duration_ms",
    ),
    "cache_hit": ("boolean integer text", "from_cache is_cached cached cache_status is_cache_hit hit_cache"),
    "missing_features": (
        "integer number",
        "num_missing_features missing_feature_count n_missing_features features_missing n_missing",
    ),
    "fallback": ("boolean integer text", "is_fallback used_fallback fallback_used default_used is_default"),
    "failed": ("boolean integer text", "is_error is_failed has_error is_failure errored"),
    "error": ("text", "error_message error_code exception error_type err"),
    "partial": ("boolean integer text", "is_partial partial_result partial_failure degraded"),
    "rule_hits": ("integer number", "rules_hit n_rules_hit filtered_count num_filtered"),
    "is_exploration": (
        "boolean integer text",
        """
        explore exploration is_explore explored is_random random_policy exploratory is_exploratory is_rand
        rand is_random_policy""",
    ),
    "is_new_user": (
        "boolean integer text",
        "new_user first_time_user is_first_visit is_cold_start cold_start",
    ),
    "is_backfill": ("boolean integer text", "backfill backfilled is_backfilled is_replay replayed"),
    "converted": (
        "boolean integer text",
        """
        conversion is_conversion is_converted purchased has_converted is_purchase is_purchased bought
        is_sale is_order booked is_booked subscribed""",
    ),
    "release": ("text", "deployment_track track canary release_channel deployment_stage traffic_class"),
    "user_group": (
        "text integer",
        "gender age_group demographic_group segment user_segment protected_group demographic age_bucket sex",
    ),
    "cohort": ("text integer", "cohort_id user_cohort signup_cohort cohort_name plan tier"),
    "feature": ("text", "feature_name feature_key feature_id feature_view"),
    "value": ("number integer text", "feature_value val numeric_value"),
    "digest": (
        "text integer",
        "payload_hash content_hash checksum row_hash payload_digest md5 sha256 event_hash",
    ),
    "replay_id": ("text integer other", "replay_run_id replay_run run_id job_id"),
    "reason": (
        "text",
        "error_reason failure_reason reject_reason rejection_reason finish_reason stop_reason cause",
    ),
    "service": ("text", "service_name app_name application component producer source_service"),
    "tenant": (
        "text integer other",
        "tenant_id org_id organization_id workspace_id tenant_name team_id team",
    ),
    "policy": ("text", "policy_name policy_id strategy routing_policy"),
    "is_bot": ("boolean integer text", "bot bot_flag is_robot is_crawler robot"),
    "payload": (
        "text other",
        """
        body event_properties properties event_data event_payload raw_payload raw_message message_body
        event_params json data""",
    ),
    "retries": ("integer number", "retry_count n_retries retry_number num_retries retry attempts"),
    "dead_letter": ("boolean integer text", "is_dead_letter dead_lettered is_dead_lettered dlq is_dlq"),
    "cost": ("number integer", "cost_usd total_cost price_usd spend"),
    "amount": (
        "number integer",
        """
        revenue dollar_value order_value total_amount price value_usd amount_usd total_price
        conversion_value purchase_value order_amount sale_amount""",
    ),
}

SHORT: Mapping[str, str] = {
    # Words as they are cut short in names.
    short: whole
    for whole, cuts in {
        "amount": "amt", "category": "cat categ", "click": "clk clks", "code": "cd",
        "conversion": "conv cvr", "country": "ctry cntry",
        "customer": "cust", "device": "dev dvc dvce", "duration": "dur", "error": "err", "event": "evt ev",
        "experiment": "exp expt", "id": "identifier ident", "impression": "imp impr impn",
        "label": "lbl", "latency": "lat",
        "item": "itm", "message": "msg",
        "name": "nm", "position": "posn", "prediction": "pred", "probability": "prob", "product": "prod",
        "propensity": "prop", "quantity": "qty", "query": "qry", "reason": "rsn",
        "region": "rgn reg",
        "request": "req", "response": "resp rsp", "score": "scr", "session": "sess ssn", "status": "sts stat",
        "transaction": "txn trx", "type": "typ", "user": "usr", "value": "val", "variant": "vrnt var",
        "version": "ver vsn vers",
    }.items()
    for short in cuts.split()
}  # fmt: skip

ID_LIKE = frozenset(
    "id key uuid guid ref hash slug nr no identifier pseudonym ident sk pk".split()  # noqa: SIM905
)
"""Last words of a name that make it an identifier's."""
EMPTY = frozenset(
    """flag yn ind indicator bool boolean txt text str string raw class nm name code cd total final json
    preview""".split()  # noqa: SIM905
)
"""Last words of a name that say no more than its type does."""
SUFFIXES_OF_NAMES = frozenset(
    "timestamp time date duration version type name code count number length seconds millis".split()  # noqa: SIM905
)
"""Words that stand last in many names."""
WHOLE = frozenset(
    """valid invalid android hybrid covid solid liquid rapid avoid fluid uuid guid geoid void outside
    inside""".split()  # noqa: SIM905
)
"""Words that only look put together."""
OWN_IDS: Mapping[str, str] = {
    # What the key of a table of this part is, where its column only says `id` or the table's own name.
    "exposures": "exposure_id",
    "requests": "request_id",
    "queries": "query_id",
    "responses": "response_id",
    "emitted": "event_id",
    "events": "event_id",
    "signals": "event_id",
    "dead_letters": "event_id",
    "replays": "event_id",
}
RECORDS = frozenset("record log entry history data raw table fact archive row list".split())  # noqa: SIM905
"""Last words of a table's name that say nothing of what its rows are."""
OWNERS = frozenset(
    """referrer referer refr url page browser br screen campaign utm mkt marketing ip doc parent previous next
    first last original entry exit landing resource scope exception network element button""".split()  # noqa: SIM905
)
"""First words of names that say whose they are, however many begin with them."""
MISLEADING: Mapping[str, frozenset[str]] = {
    # A column, and those in whose company it means something else: a phone's model, an address's state.
    "model": frozenset(
        ["brand", "manufacturer", "vendor", "carrier", "device_brand", "phone_brand", "device_manufacturer"]
    ),
    "state": frozenset(
        ["city", "postal_code", "zip", "zipcode", "zip_code", "postcode", "street", "county", "country"]
    ),
}
ENTITIES: Mapping[str, str] = {
    # What the key of a table of such things is, by the last word of the table's name.
    "order": "order_id", "purchase": "order_id", "transaction": "order_id", "conversation": "session_id",
    "session": "session_id", "search": "query_id", "query": "query_id", "impression": "exposure_id",
    "exposure": "exposure_id", "request": "request_id", "basket": "basket_id", "cart": "basket_id",
    "response": "response_id", "user": "user_id", "customer": "user_id", "item": "item_id",
    "product": "item_id", "article": "item_id", "video": "item_id",
}  # fmt: skip
FOREIGN = ("session_id", "query_id", "request_id", "response_id", "exposure_id", "order_id")
"""Words of keys that a table of events may be called after: a log of searches has the searches' key."""
EVENTFUL = frozenset({"event", "click", "message", "track", "hit", "action", "interaction", "view", "log"})
"""Words of a table's name by which its rows are events, whatever part it plays."""

TIMES: Mapping[str, str] = {
    # Weir's word of a time: what is left of its name without `_at`, `_time`, `_ts` …
    "received_at": """
        received receive recv ingest ingested ingestion arrived arrival server collected collector
        collection gateway enqueued kafka broker accepted edge intake""",
    "stored_at": """
        stored store storage insert inserted insertion load loaded write written persisted saved committed
        landed warehouse etl db database dwh sink processed processing ingested_db synced sync replicated
        extracted fivetran_synced airbyte_extracted uuid committed_db""",
    "available_at": """
        available availability feature features featured feature_available materialized materialised
        served serving online feature_ready ready published_feature feature_computed""",
    "responded_at": """
        responded response answered answer replied reply completed completion end ended finished finish
        response_created answer_created reply_created completion_created response_end request_end""",
}

EVENT_STEMS: tuple[str, ...] = (
    # What is left of the name of an event time, most telling first; BARE for nothing.
    "event occurred occurrence happened event_start derived",
    "BARE action interaction activity observed",
    """
        click clicked view viewed impression exposure exposed shown displayed request requested query
        queried response responded order ordered purchase purchased transaction visit visited hit log
        logged message sent emitted client device label labeled labelled conversion converted outcome
        feedback prediction predicted scored deployed rated start started begin pickup search searched
        play played session original user inference inferred invoked invocation called call bid auction
        chat turn watched listened read paid payment checkout served
        decision decided ranked recommended assigned
        assignment rendered opened open""",
    """
        created creation create added recorded record registered submitted posted generated published
        date_created""",
)
BARE = "BARE"
"""The stem of `timestamp`, `ts` and `time`."""
LAST_RESORT = """
    updated update modified changed last_updated last_modified end ended finished completed closed failed
    refreshed"""
"""Times that move when a row is changed, or that say when something was over."""
NEVER_EVENTS = """
    birth born dob date_of_birth expires expiry expiration expired valid_from valid_to valid_until due
    deleted delete scheduled renewal next until deadline warranty"""
"""Times that say nothing about when a row came to be."""

SUFFIXES = frozenset(
    """at date datetime dt dtm dts dttm epoch gmt local micros milli millis ms msec nanos ns on s sec seconds
    secs stamp time timestamp ts tstamp tz unix unixtime us utc""".split()  # noqa: SIM905
)
"""Words of a name that say that it is a time, or in which unit."""
UNITS = frozenset("micros milli millis ms msec nanos ns s sec seconds secs us".split())  # noqa: SIM905
"""Of those, the ones that a duration has as well."""

ROLES: Mapping[str, str] = {
    # A part that packaged checks know: what such a dataset is called.
    "emitted": "emitted sent sent_events produced producer_events client_events emitted_events outbox",
    "events": """
        events event event_log eventlog clickstream tracking_events stored_events raw_events user_events""",
    "dead_letters": """
        dead_letters dead_letter dlq deadletters rejected rejected_events failed_events quarantine""",
    "exposures": """
        exposures exposure impressions impression recommendations recommendation displays served_items""",
    "outcomes": "outcomes outcome labels label ground_truth conversions rewards",
    "features": "features feature feature_log feature_store online_features",
    "requests": "requests request llm_requests completions_requests api_requests",
    "queries": "queries query searches search_queries search_log",
    "responses": "responses response completions llm_responses",
    "signals": "signals signal feedback_signals implicit_feedback",
    "deployments": "deployments deployment model_deployments releases model_registry",
    "replays": "replays replay replayed_events replayed",
    "costs": "costs cost spend billing",
}

PAIRS: tuple[tuple[str, str, str], ...] = (
    # Rows of the first role should have a partner in the second; and what the check is called.
    ("emitted", "events", "stored"),
    ("exposures", "outcomes", "labelled"),
    ("requests", "responses", "answered"),
    ("queries", "responses", "answered"),
)
