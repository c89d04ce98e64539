"""Telling people: what Weir sends where no Prometheus does it.

notice        an alert as it is told          held          why one is not told now
targets       where a route leads             plan          which messages are due, from what was told last
alertmanager  by Alertmanager's API v2        chat          by Apprise: chats, mail, pagers, webhooks
http          one request, without its secrets              text          a message for people
deliver       sending what is due, again where it did not arrive; the sign that all of it works
mirror        silences, in Alertmanager, too
silencing     silences, with their line in the audit trail
"""
