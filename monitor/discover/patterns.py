"""Patterns of column names, for those that the table of words does not know: guesses of last resort."""

from collections.abc import Mapping

_MORE = (
    r"(_(name|type|code|cd|iso|iso_?code|iso\d|alpha\d|value|val|amount|eur|usd|gbp|cents|total|final|norm"
    r"|normali[sz]ed|raw|full|form|factor|str|string|group|family|class|kind|flag|yn|ind|in|of|issue|origin|id|key|number|num"
    r"|no|nr|hash|alias))*$"
)
"""What may follow a name's telling part and says no more."""

PATTERNS: Mapping[str, tuple[str, ...]] = {
    # Weir's word: the families that a column may have, and what its plain name looks like, most telling
    # first; once each, in this order.
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
            r"|caller|actor|learner|watcher|device_owner|household|end_?user|requester|requestor|subject|respondent|participant|applicant|attendee|cardholder|policyholder"
            r"|resident|citizen|install|installation|cookie)(_(unique|external|internal|ext|global|public|hashed|anonymous|pseudo))?(_?(id|key|uuid|uid|hash|guid|number"
            r"|num|no|nr|sk|pk|ref|code|token|cookie))$|^id_?(visitor|user|customer|member)$|^usr$"
        ),
        r"(^|_)(user|customer|visitor|member|subscriber|viewer|listener|reader|shopper|buyer)$|(user|visitor|client|device)_cookie$",
        (
            r"(^|_)(?!order|offer|server|provider|cluster|folder|counter|number|parameter|carrier|container"
            r"|publisher|advertiser|tracker|broker|layer|banner|header|helper|filter|error|vector|operator"
            r"|factor|sensor|monitor|router|worker|consumer|producer|ranker|scorer|predictor|register|chapter"
            r"|letter|newsletter|poster|parser|partner|retailer|seller|supplier|vendor|distributor)\w{3,}"
            r"(er|or)_(id|key|uuid|guid|hash)$"
        ),
        r"(^|_)(user|customer|member|account)_(email|login|mail|phone|name)_(hash|id|key|token)$",
    ),
    "item_id": (
        "text integer other number",
        (
            r"^(?!.*(page|episode|track|chapter|lesson|season|post|row|line)_?(number|num|no|nr)$)(.*_)?(item|product|prod|article|content|asset|video|track|song|movie|listing|offer"
            r"|creative|document|doc|post|news|sku|book|recipe|game|show|episode|course|hotel"
            r"|restaurant|place|merchant|url|page|link|job|clip|playlist|artist|property|store"
            r"|variant_sku|good|goods|material|entity|candidate|target|isbn|upc|ean|title)(_?(id|key|uuid|uid"
            r"|guid|code|number|num|no|nr|sk|pk|ref|slug|uri))$|(^|_)sku$|^(iid|pid|vid|aid|item_?no|ean|upc|gtin)$"
        ),
    ),
    "event_id": (
        "text integer other",
        r"(^|_)(event|evt|ev|msg|message)_?(id|uuid|guid|key|hash)$",
        r"(^|_)(record|log)_?(id|uuid|guid|key|hash)$",
        r"^(hit|click|view|play|listen|watch|push|action|interaction|swipe|tap|scroll|touch|ping)_?(id|uuid|guid|key)$",
    ),
    "query_id": ("text integer other", r"(^|_)(query|search|question)_?(id|uuid|guid|key)$"),
    "response_id": (
        "text integer other",
        (r"(^|_)(response|resp|answer|reply|completion|generation)_?(id|uuid|guid|key)$"),
    ),
    "request_id": ("text integer other", r"(^|_)(request|req|call|turn)_?(id|uuid|guid|key)$"),
    "exposure_id": (
        "text integer other",
        (r"(^|_)(impression|imp|exposure|recommendation|reco?|display)(_?(id|key|uuid|guid))$"),
    ),
    "basket_id": ("text integer other", r"(^|_)(basket|cart)_?(id|uuid|guid|key|ref|token|no|nr)$"),
    "order_id": (
        "text integer other",
        r"(^|_)(order|purchase|transaction)_?(id|uuid|guid|key|ref|no|nr|number)$",
    ),
    "tenant": (
        "text integer other",
        r"(^|_)(tenant|org|organi[sz]ation|workspace|team)_?(id|uuid|guid|key|ref|slug|name)$",
    ),
    "trace_id": (
        "text integer other",
        r"^(?!.*(stack_?trace|back_?trace|trace_?(state|flags|level))).*(trace|correlation|traceparent)",
    ),
    "user_agent": (
        "text",
        r"user_?agent(?!_(family|version|os|device|name|type|major|minor|id))|(^|_)ua(_(string|raw|str|full|header))?$",
    ),
    "app_version": (
        "text number integer",
        (
            r"(^|_)(app|client|sdk|build|application|service|package|bundle|player|frontend|web|mobile|ios|android"
            r"|firmware|site)_?(info_)?(version|ver|build|release)"
        ),
    ),
    "schema_version": (
        "text integer number",
        (r"(schema|contract|payload|event|message)_?(version|ver|rev|revision)(_?(nr|no|number|num|id))?$"),
    ),
    "model_version": (
        "text integer number",
        r"(^|_)(response|served|deployed|ranking|ranker|recommender|scoring)_model(_(version|name|id|slug))?$",
        r"(^|_)(recommended|predicted|scored|generated|ranked|answered)_by$|(^|_)served_(entity|model)(_name)?$",
        (
            r"(?<!device)(?<!phone)(?<!car)(?<!data)(?<!browser)(^|_)(model|ranker|algorithm|algo|llm"
            r"|predictor|checkpoint|scorer|reranker|engine|recommender|classifier|policy|retriever|detector"
            r"|generator|encoder|embedder|scorecard|matcher|bidder)_?(version|ver|vsn|name|id|tag|key|sha|hash"
            r"|release|build|slug|uri)?$"
        ),
    ),
    "experiment_id": ("text integer other", r"(^|_)(experiment|exp|abtest|ab_test)(_?(id|key|name|uuid))$"),
    "variant": (
        "text integer boolean",
        (
            r"(^|_)(variant|variation|arm|treatment|bucket|ab_group|test_group|holdout_group|exp_group"
            r"|(experiment|exp|test|ab)_(cell|branch|group|side)|split)(_?(id|name|key|group|label|code))?$"
        ),
    ),
    "propensity": (
        "number integer",
        (
            r"(propensity|pscore|(^|_)(action|act|logging|logged|log|selection|sel|choice|chosen"
            r"|policy|serving|display)_?(prob|probability|p|propensity)$|^p_?(log|logging|action"
            r"|select|selection|choice)$|^ips_?(prob|propensity)?$)"
        ),
        r"(^|_)(send|show|serve|assignment|exposure|treatment|impression|explore)_(prob|probability|p)$",
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
            r"|prediction\w*|probability|prob)(_(final|raw|calibrated|total))?$"
        ),
        r"(^|_)(p|pred|predicted|exp|expected|est|estimated|model)_?(ctr|cvr|click_rate|conversion_rate)$",
    ),
    "is_bot": (
        "boolean integer text",
        r"(^|_)(is_?)?(bot|robot|crawler|spider|ivt|invalid_traffic|non_?human)(_(flag|traffic|yn|ind))?$",
    ),
    "consent": ("boolean integer text", r"(consent|gdpr|opt_?(in|out)|tracking_(allowed|ok))"),
    "click": ("boolean integer", r"(^|_)(is_?|has_?|was_?)?(click|clicked|tapped)(_(flag|yn|ind))?$"),
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
            r"|id|location))?$|(^|_)locale$"
        ),
    ),
    "latency_ms": (
        "integer number",
        r"(latency|response_time|request_time|took)(_(in|total|overall|e2e))*_?(ms|msec|milli|millis|milliseconds)$",
        (
            r"(duration|elapsed|(execution|exec|inference|processing|handling|service|round_?trip)_time)(_in)?_?(ms|msec"
            r"|milli|millis|milliseconds)$"
        ),
    ),
    "status": (
        "integer text",
        (
            r"(^|_)((status|http_?status|response|http|resp)_?code|http_?status|status)$|^result$"
            r"|(^|_)(request|response|call|job|task|run|api|delivery|send|payment|login|final)_result$"
        ),
    ),
    "cache_hit": (
        "boolean integer text",
        r"(^|_)cache(d|_?(hit|status|state|result|outcome))$|(^|_)from_cache$",
        r"(^|_)cached(_(response|result|answer))?$",
    ),
    "amount": (
        "number integer",
        (r"(^|_)(revenue|amount|order_value|gmv|price)(_(usd|eur|gbp|cents?|minor|total))*$"),
        r"(^|_)(booking|order|purchase|basket|sale|cart|payment|transaction)_(value|amount|total)" + _MORE,
    ),
    "cost": (
        "number integer",
        r"(^|_)(cost|spend|charge)(_(usd|eur|gbp|cents|total))?$",
    ),
    "query_text": (
        "text",
        (
            r"(^|_)(search|query|prompt|question|user)_(text|phrase|string|str|term|terms|input"
            r"|message|content)$"
        ),
        r"(^|_)((user|typed|raw|search)_query|prompt|question|utterance)$|(^|_)prompt_body$",
    ),
    "response": (
        "text other",
        (
            r"(^|_)(response|answer|completion|reply|output|model|assistant|bot)_(text|string|content"
            r"|message|output|payload|json|body)$"
        ),
        r"(^|_)(completion|answer|reply)$|(^|_)(assistant|model|bot|agent|llm)_(response|answer|output|reply)$",
        r"(^|_)(suggestion|candidate|draft)_(text|content|body|code)$",
    ),
    "reason": ("text", r"(^|_)\w+_reasons?(_(code|text))?$|(^|_)(fail\w*|error|reject\w*|drop\w*)_cause$"),
    "task_type": ("text", r"(^|_)(operation|task|use_case|intent)(_(name|type|kind))?$"),
    "rating": (
        "integer number text",
        r"(^|_)(rating|thumbs?|stars|csat|nps|feedback|vote)(_(rating|value|score|given|up))?$",
    ),
    "label": (
        "integer number boolean text",
        r"(^|_)(actual|true|observed|gold|ground_truth|target)_(label|value|outcome|class)$",
        r"(^|_)(actual|true|observed|gold|reali[sz]ed)_(?!\w*(price|amount|cost|time|date|ts|at|count))\w+$",
    ),
    "span_length": ("integer number", r"(^|_)(copied|copy|selected|selection)_(char|len|size|count)\w*$"),
    "missing_features": (
        "integer number",
        r"(^|_)(num|n|nr|count)_missing(_feat\w*)?$|(^|_)feat\w*_missing(_(count|num|n|cnt))?$|(^|_)(missing|null)_feat\w*(_(count|num|n|cnt))?$",
    ),
    "fallback": (
        "boolean integer text",
        r"(^|_)(fallback|default)(_(used|value|flag|applied|served|model|path))?$|^used_default",
        r"(^|_)(is|used|from|was)_fallback(_\w+)?$",
    ),
    "failed": ("boolean integer", r"(^|_)(error|failure|failed|errored)(_(flag|yn|ind))?$"),
    "error": (
        "text",
        r"(^|_)(error|exception)(_(text|msg|message|code|type|class|name|detail|details|kind|log|description|desc|info))$",
        r"^(last|latest|first|initial|final)_(error|exception)$",
    ),
    "digest": (
        "text integer",
        r"(^|_)(event|payload|row|content|record|message|body|request)_(hash|digest|checksum|fingerprint|md5|sha\d*|crc\d*)$",
    ),
    "service": (
        "text",
        r"(^|_)(service|microservice|producer|component)(_(name|id|origin|source))?$",
        r"(^|_)(caller|producer|source|upstream|emitting)_(service|app|system)(_name)?$",
    ),
    "user_group": (
        "text integer",
        r"(^|_)(gender|sex|age_(group|bucket|level|band|range|bracket)|ethnicity|demographic)(_(code|id))?$",
        r"(^|_)segment(_(name|id|code))?$",
    ),
    "cohort": (
        "text integer",
        r"(^|_)(cohort|(subscription|plan|loyalty|membership)_(tier|plan|level))(_(id|name))?$",
    ),
    "retries": ("integer", r"(^|_)(retry|retries|attempts?)(_?(no|nr|num|number|count|cnt|index))?$"),
    "is_backfill": ("boolean integer text", r"(^|_)(is_?)?(backfill|replay)(ed)?(_(flag|row|yn))?$"),
    "is_exploration": (
        "boolean integer text",
        r"(^|_)(is_?|was_?)?(explor\w*|rand(om(i[sz]ed)?)?)(_(flag|policy|traffic|slot|request))?$",
    ),
    "dwell_ms": (
        "integer number",
        (
            r"(^|_)((dwell|watch|read|view|listen|play|stay|visible|onscreen|on_screen)\w*_?(ms|milli|millis)|ms_(played|watched|viewed"
            r"|listened))$"
        ),
    ),
    "dwell_seconds": (
        "integer number",
        (
            r"(^|_)(dwell|(watch|read|view|listen|stay)(ed|ing|ed_for)?_?(time|s|sec|secs|seconds))"
            r"(_?time)?(_?(s|sec|secs|seconds))?$|(^|_)(secs?|seconds)_(watched|viewed|read|listened|played)$"
        ),
        (
            r"(^|_)(watch|read|view|listen|dwell|engagement|viewing|reading|listening|watching|engaged)_"
            r"(time|duration|length)(_?(in_)?(s|sec|secs|seconds))?$"
        ),
        r"(^|_)(time|duration)_(watched|viewed|read|listened|spent|played|engaged)(_\w+)?$",
    ),
    "payload": (
        "text other",
        (
            r"(payload(?!_(header|key))|(?<!user_)(?<!resource_)(?<!scope_)(?<!model_)(properties|attributes)"
            r"|(^|(?<!header)(?<!headers)_)json$|raw_(message|event|body|value|record))"
        ),
    ),
    "event_type": (
        "text",
        r"(^|_)(event|action|interaction|activity|signal)_?(type|name|kind|category|class|label)$",
        r"(^|_)(hit|screen|message|touch|log)_(type|kind|category)$",
    ),
    "rule_hits": (
        "integer number",
        r"(^|_)(rules?|guardrails?|filters?)_(hits?|triggered|fired|matched)(_(count|num))?$",
    ),
    "edit_distance": (
        "integer number",
        r"(^|_)(edit_(distance|ratio|rate)|levenshtein)" + _MORE,
    ),
    "policy": (
        "text",
        r"(^|_)(policy|strategy)(_(name|id|key))?$",
    ),
    "is_new_user": (
        "boolean integer text",
        r"(^|_)(cold_start|new|first_time)_(user|customer|visitor)(_(flag|yn))?$",
    ),
    "final_text": (
        "text other",
        r"(^|_)(final|accepted|edited|sent)_(text|code|answer|response|version|content)$",
    ),
}

LOOSE: Mapping[str, tuple[str, ...]] = {
    # The same, looked at where no pattern fits any column: a telling part with whatever before it.
    "region": ("text integer", r"(^|_)(country|region|market|territory|locale)" + _MORE),
    "device": (
        "text integer",
        r"^(?!(.*_)?(device|platform|os)_(id|key|number|num|no|nr|hash)$)(.*_)?(device|platform|os)" + _MORE,
    ),
    "cost": ("integer number", r"(^|_)(cost|spend|charge)" + _MORE),
    "amount": (
        "integer number",
        r"(^|_)(price|revenue)(_at_\w+)?" + _MORE.replace("(_(", "(_(paid|charged|"),
        r"^(grand_|sub)?total$|^sales$",
    ),
    "payload": ("other", r"^(event|message|record|envelope|document)$"),
    "score": ("number", r"(?<!bot)(?<!fraud)(?<!risk)(?<!credit)(?<!nps)(?<!csat)(^|_)score" + _MORE),
    "model_version": (
        "text integer number",
        r"(?<!device)(?<!phone)(?<!car)(?<!data)(?<!attribution)(?<!pricing)(?<!business)(^|_)model" + _MORE,
    ),
    "session_id": ("text integer other", r"(^|_)(session|conversation)$"),
    "label": (
        "integer number boolean",
        r"^(?!pred|.*(bucket|button|link|display|category|event|page|menu|campaign|group|variant)_)(\w+_)?label$",
    ),
    "app_version": (
        "text number",
        (
            r"^(?!(.*_)?(model|schema|event|payload|data|template|prompt|tag|feature|policy|os|browser|br|platform"
            r"|system|kernel|driver|tracker|collector|etl|library|lib|scope|engine|tls|ssl|http|ip|api|protocol"
            r"|message|ranker|set|config|document|doc|row|record|page|file|index|catalog|image|firmware|python"
            r"|java|node|db)_)\w+_version$"
        ),
    ),
    "is_bot": ("boolean", r"(^|_)(is_)?(bot|robot|crawler)(_\w+)?$"),
    "is_exploration": ("boolean", r"(^|_)(is_)?(exploration|exploratory|explored)(_\w+)?$"),
    "cache_hit": ("boolean", r"(^|_)cache(d)?(_\w+)?$"),
    "click": ("boolean", r"(^|_)click(ed)?$"),
    "consent": ("boolean", r"(^|_)(consent\w*|opt_?in|opted_?in)(_\w+)?$"),
    # Nobody keeps whole seconds of a latency: an integer counts milliseconds.
    "latency_ms": (
        "integer",
        r"(^|_)latency\w*_(ms|msec|millis|milliseconds)$",
        r"^(total_)?(latency|response_time)$",
    ),
    "user_agent": (
        "text",
        r"^(?!.*_(family|version|os|device|type|major|minor|id)(_|$))(.*_)?(ua|user_?agent)(_\w+)?$",
    ),
    "trace_id": ("text", r"^(?!.*(stack|back|trace_?(state|flags|level)))(.*_)?(trace|correlation)\w*$"),
}
