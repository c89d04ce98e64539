"""How `weir serve` listens. It is loopback unless said otherwise: what it shows is nobody else's business."""

from typing import Annotated

from pydantic import BaseModel, Field

from monitor.config.source import FilePath
from monitor.config.words import STRICT, Text


class Tls(BaseModel):
    """Files in PEM."""

    model_config = STRICT
    certificate: FilePath = Field(description="certificate chain")
    key: FilePath = Field(description="its private key")


class Serve(BaseModel):
    """Address, encryption and who may read."""

    model_config = STRICT
    host: Text = Field("127.0.0.1", description="address to listen on; 0.0.0.0 for every one")
    # Outside 9100 to 9999, where Prometheus's list of exporters has no free port left.
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8917, description="port; 0 for any that is free")
    tls: Tls | None = Field(None, description="serve HTTPS")
    users: dict[str, Text] = Field(
        default_factory=dict,
        repr=False,
        description="basic auth, {name: password}; take passwords from ${NAME}",
    )
    # Prometheus takes so many without notice; a dimension gone wild should not take it down.
    max_series: int = Field(
        20_000, ge=100, le=1_000_000, description="most series on /metrics; more are refused"
    )
    samples: bool = Field(
        True, description="keep up to 50 masked rows of a failing check for its page, for a week"
    )
