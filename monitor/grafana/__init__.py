"""The three views as dashboards for Grafana, built with Grafana's own typed builders.

The files in `dashboards/grafana/` are written from here and ship with Weir, so that only those who change
them need the builders (`make docs` writes them anew). They hold no pipeline's name and no address: both are
picked in Grafana.

questions  in PromQL     panels  how an answer is drawn     views  which of them make which dashboard
"""

from monitor.grafana.views import dashboards

__all__ = ["dashboards"]
