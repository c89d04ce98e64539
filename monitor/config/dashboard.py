"""Who may open the pages, and who may do something there. Without a login they are for this machine alone."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from monitor.config.words import STRICT, Slip, Text, Words


def _cookie(value: object) -> object:
    if isinstance(value, str) and "${" not in value and len(value) < 32:
        raise Slip("'cookie_secret' is too short to be one", "32 characters or more, from ${NAME}")
    return value


class Login(BaseModel):
    """OpenID Connect, as the identity provider gives it out for this application."""

    model_config = STRICT
    client_id: Text = Field(repr=False, description="the application's name at the identity provider")
    client_secret: Text = Field(repr=False, description="its secret, from ${NAME}")
    metadata: Text = Field(description="address of the provider's .well-known/openid-configuration")
    redirect: Text = Field(description="the pages' own address, ending in /oauth2callback")
    scopes: Words = Field(
        ("openid", "email", "profile"),
        description="what is asked of the provider, who may give groups only to those who ask for `groups`;"
        " default: openid, email, profile",
    )
    cookie_secret: Annotated[Text, BeforeValidator(_cookie)] = Field(
        repr=False, description="32 random characters or more, from ${NAME}: it signs the cookies"
    )


class Dashboard(BaseModel):
    """The pages' login and roles: each may do what the ones before it may. Without `viewers` everybody who
    can log in may look.
    """

    model_config = STRICT
    login: Login | None = Field(None, description="OpenID Connect; without it the pages stay on loopback")
    claim: Text = Field("groups", description="the claim of a login that lists somebody's groups")
    viewers: Words = Field((), description="groups or e-mail addresses that may look; default: all")
    operators: Words = Field(
        (), description="groups or e-mail addresses that may acknowledge, silence and run"
    )
    admins: Words = Field((), description="groups or e-mail addresses that may also read the audit trail")
