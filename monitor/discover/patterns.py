"""Patterns of column names, for those that the table of words does not know: guesses of last resort."""

from collections.abc import Mapping

PATTERNS: Mapping[str, tuple[str, str]] = {
    # Weir's word: the families that a column may have, and what its plain name looks like; once each, in this
    # order.
    "session_id": (
        "text integer other",
        (
            r"(^|_)(session|sess|visit|conversation|conv|chat|thread|dialog|dialogue)(_?(id|key|uuid"
            r"|hash|guid|token|nr|no))$|^id_?(visit|session)$"
        ),
    ),
    "user_id": (
        "text integer other number",
        (
            r"(^|_)(user|member|customer|cust|visitor|profile|account|acct|client|subscriber|viewer"
            r"|buyer|shopper|player|reader|learner|patient|guest|person|usr|human|employee|contact"
            r"|lead|passenger|driver|rider|student|listener|recipient|sender|author|creator|owner"
            r"|caller|actor|learner|watcher|device_owner|household)(_?(id|key|uuid|hash|guid|number"
            r"|num|no|nr|sk|pk|ref|code|token))$|^id_?(visitor|user|customer|member)$|^usr$"
        ),
    ),
    "item_id": (
        "text integer other number",
        (
            r"(^|_)(item|product|prod|article|content|asset|video|track|song|movie|listing|offer"
            r"|creative|document|doc|post|news|sku|book|recipe|game|show|episode|course|hotel"
            r"|restaurant|place|merchant|url|page|link|job|clip|playlist|artist|property|store"
            r"|variant_sku|good|goods|material|entity|candidate|target|isbn|upc|ean)(_?(id|key|uuid"
            r"|guid|code|number|num|no|nr|sk|pk|ref))$|^(iid|pid|vid|aid|item_?no|ean|upc|gtin)$"
        ),
    ),
    "event_id": (
        "text integer other",
        (r"(^|_)(event|evt|ev|msg|message|record|log)_?(id|uuid|guid|key|hash)$"),
    ),
    "query_id": ("text integer other", r"(^|_)(query|search|question|prompt)_?(id|uuid|guid|key)$"),
    "response_id": (
        "text integer other",
        (r"(^|_)(response|resp|answer|reply|completion|generation)_?(id|uuid|guid|key)$"),
    ),
    "request_id": ("text integer other", r"(^|_)(request|req|call|turn)_?(id|uuid|guid|key)$"),
    "exposure_id": (
        "text integer other",
        (r"(^|_)(impression|imp|exposure|recommendation|reco?|display)(_?(id|key|uuid|guid))$"),
    ),
    "trace_id": ("text integer other", r"(trace|correlation|traceparent)"),
    "user_agent": ("text", r"(user_?agent|(^|_)ua(_|$))"),
    "app_version": (
        "text number integer",
        (r"(^|_)(app|client|sdk|build|application|service|package)_?(info_)?(version|ver|build)"),
    ),
    "schema_version": (
        "text integer number",
        (r"(schema|contract|payload|event|message)_?(version|ver|rev)$"),
    ),
    "model_version": (
        "text integer number",
        (
            r"(?<!device)(?<!phone)(?<!car)(?<!data)(?<!browser)(^|_)(model|ranker|algorithm|algo|llm"
            r"|predictor|checkpoint|scorer|reranker|engine)_?(version|ver|vsn|name|id|tag|key|sha|hash"
            r"|release|build)?$"
        ),
    ),
    "experiment_id": ("text integer other", r"(^|_)(experiment|exp|abtest|ab_test)(_?(id|key|name|uuid))$"),
    "variant": (
        "text integer boolean",
        (
            r"(^|_)(variant|variation|arm|treatment|bucket|ab_group|test_group|holdout_group|exp_group"
            r"|split)(_?(id|name|key|group))?$"
        ),
    ),
    "propensity": (
        "number integer",
        (
            r"(propensity|pscore|(^|_)(action|act|logging|logged|log|selection|sel|choice|chosen"
            r"|policy|serving|display)_?(prob|probability|p|propensity)$|^p_?(log|logging|action"
            r"|select|selection|choice)$|^ips_?(prob|propensity)?$)"
        ),
    ),
    "position": (
        "integer number",
        (
            r"(^|_)(pos|position|rank|slot|placement|ordinal|list_index|list_idx|row_index"
            r"|result_index|item_index)(_?(index|idx|num|number|no|nr))?$"
        ),
    ),
    "score": (
        "number",
        (
            r"(?<!bot)(?<!fraud)(?<!risk)(^|_)(score|scores|pctr|pcvr|pred|yhat|y_hat|predicted_\w+"
            r"|prediction\w*|probability|prob)$"
        ),
    ),
    "is_bot": ("boolean integer text", r"(^|_)(is_?)?(bot|robot|crawler|spider)(_flag|_traffic)?$"),
    "consent": ("boolean integer text", r"(consent|gdpr|opt_?(in|out)|tracking_(allowed|ok))"),
    "click": ("boolean integer text", r"(^|_)(is_?|has_?|was_?)?(click|clicked)(_flag)?$"),
    "device": (
        "text integer",
        (
            r"(^|_)(device|dvce|dvc|os|platform|hardware)(_(type|category|class|family|os|kind"
            r"|name))?$"
        ),
    ),
    "region": (
        "text integer",
        (
            r"(^|_)(country|ctry|region|geo|market|mkt|territory|nation|cc)(_(code|name|iso|iso2|iso3"
            r"|id))?$"
        ),
    ),
    "latency_ms": (
        "integer number",
        (r"(latency|duration|elapsed|response_time|took)_?(ms|millis|milliseconds)$"),
    ),
    "status": (
        "integer text",
        (r"(^|_)((status|http_?status|response|http|resp)_?code|http_?status|result|status)$"),
    ),
    "cache_hit": ("boolean integer text", r"(^|_)cache(d|_?(hit|status|state|result|outcome))$"),
    "amount": (
        "number integer",
        (r"(^|_)(revenue|amount|order_value|gmv|price)(_(usd|eur|gbp|cents|total))?$"),
    ),
    "cost": ("number integer", r"(^|_)(cost|spend|charge)(_(usd|eur|gbp|cents|total))?$"),
    "query_text": (
        "text",
        (
            r"(^|_)(search|query|prompt|question|user)_(text|phrase|string|str|term|terms|input"
            r"|message|content)$"
        ),
    ),
    "response": (
        "text",
        (
            r"(^|_)(response|answer|completion|reply|output|model|assistant|bot)_(text|string|content"
            r"|message|output)$"
        ),
    ),
    "dwell_ms": (
        "integer number",
        (
            r"(^|_)((dwell|watch|read|view|listen|play|stay)\w*_?(ms|millis)|ms_(played|watched|viewed"
            r"|listened))$"
        ),
    ),
    "dwell_seconds": (
        "integer number",
        (r"(^|_)(dwell|watch|read|view|listen|stay)_?(time)?_?(s|sec|secs|seconds)?$"),
    ),
    "payload": ("text other", r"(payload|properties|attributes|(^|_)json$|raw_(message|event|body))"),
    "event_type": ("text", r"(^|_)(event|action|interaction|activity|signal)_?(type|name|kind|category)$"),
}
