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
        uid user_uuid user_key user customer_id cust_id customer client_id visitor_id member_id account_id
        profile_id person_id subscriber_id viewer_id buyer_id shopper_id player_id programmer_id reader_id
        anonymous_id user_pseudo_id distinct_id actor_id author_id""",
    ),
    "session_id": (
        "text integer other",
        """
        sid session session_uuid session_key visit_id session_token conversation_id chat_id""",
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
    "request_id": ("text integer other", "req_id request_uuid call_id completion_id turn_id"),
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
        experiment exp_id experiment_key experiment_name ab_test test_id""",
    ),
    "region": (
        "text",
        """
        country country_code geo_country geo region_code region_name market market_code territory
        geo_region area country_iso locale data_center datacenter state""",
    ),
    "device": (
        "text",
        """
        device_type device_category device_class device_family platform device_kind form_factor os""",
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
        algo policy_version policy model_key deployment_id""",
    ),
    "variant": (
        "text integer boolean",
        """
        ab_variant experiment_variant variant_id variant_name experiment_group ab_group treatment
        test_group arm variation cohort_group bucket_name treatment_group group""",
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
        consented opt_in opted_in""",
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
        type""",
    ),
    "label": (
        "integer number boolean text",
        """
        outcome label_value ground_truth target y_true y clf_target converted conversion reward
        is_relevant relevance""",
    ),
    "click": ("boolean integer text", "clicked is_click is_clicked clicks"),
    "score": (
        "number integer",
        """
        prediction predicted_score pred_score model_score y_pred_proba predicted_probability y_score""",
    ),
    "prompt": ("text other", "request_text user_prompt input_text query_text question"),
    "response": ("text other", "completion response_text answer output_text model_response"),
    "rating": ("integer number text", "stars user_rating feedback_score thumbs"),
    "is_bot": ("boolean integer text", "bot bot_flag is_robot is_crawler robot"),
    "payload": (
        "text other",
        """
        body event_properties properties event_data event_payload raw_payload json data""",
    ),
    "retries": ("integer number", "retry_count n_retries retry_number num_retries retry attempts"),
    "dead_letter": ("boolean integer text", "is_dead_letter dead_lettered is_dead_lettered dlq is_dlq"),
    "cost": ("number integer", "cost_usd total_cost price_usd spend"),
    "amount": (
        "number integer",
        """
        revenue dollar_value order_value total_amount price value_usd amount_usd total_price""",
    ),
}

TIMES: Mapping[str, str] = {
    # Weir's word of a time: what is left of its name without `_at`, `_time`, `_ts` …
    "received_at": """
        received receive recv ingest ingested ingestion arrived arrival server collected collector
        collection gateway enqueued kafka broker accepted edge intake""",
    "stored_at": """
        stored store storage insert inserted insertion load loaded write written persisted saved committed
        landed warehouse etl db database dwh sink processed processing ingested_db""",
    "available_at": """
        available availability feature features featured feature_available materialized materialised
        served serving online feature_ready ready published_feature feature_computed""",
}

EVENT_STEMS: tuple[str, ...] = (
    # What is left of the name of an event time, most telling first; BARE for nothing.
    "event occurred occurrence happened event_start",
    "BARE action interaction activity observed",
    """
        click clicked view viewed impression exposure exposed shown displayed request requested query
        queried response responded order ordered purchase purchased transaction visit visited hit log
        logged message sent emitted client device label labeled labelled conversion converted outcome
        feedback prediction predicted scored deployed rated start started begin pickup search searched
        play played session original user""",
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
    """at date datetime dt epoch gmt local micros millis ms nanos ns on s sec seconds secs stamp time
    timestamp ts tstamp tz unix us utc""".split()  # noqa: SIM905
)
"""Words of a name that say that it is a time, or in which unit."""

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
    "costs": "costs cost spend billing",
}

PAIRS: tuple[tuple[str, str, str], ...] = (
    # Rows of the first role should have a partner in the second; and what the check is called.
    ("emitted", "events", "stored"),
    ("exposures", "outcomes", "labelled"),
    ("requests", "responses", "answered"),
    ("queries", "responses", "answered"),
)
