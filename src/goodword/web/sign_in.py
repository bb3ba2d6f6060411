"""How does a person sign in, out, and in for the first time? Three forms that say what is wrong and keep the address typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import quote

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goodword import __version__
from goodword.actions import lockout
from goodword.actions import sign_in as act
from goodword.actions.permissions import May
from goodword.errors import BadInput
from goodword.store.models import User
from goodword.web import errors, letters, shell
from goodword.web.door.forms import locked_words
from goodword.web.door.reachable import passkeys_work


def signed_in_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give the view the person, and lead everybody else to the sign-in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return HttpResponseRedirect(f"{reverse('sign_in')}?next={quote(request.get_full_path(), safe='/')}")
        return view(request, request.user, *args, **kwargs)

    return guarded


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """E-mail and password. A wrong one says the same whether or not the address is known."""
    onward = inside(request, request.POST.get("next") or request.GET.get("next") or "/")
    if request.user.is_authenticated and request.method != "POST":
        return HttpResponseRedirect(onward)
    email = request.POST.get("email", "").replace("\x00", "").strip()[:254]
    if request.method != "POST":
        clear_login(request)  # who comes back here from the second step begins anew
        return shown(request, {"email": email})
    now = datetime.now(UTC)
    try:
        user = act.attempt(email, request.POST.get("password", ""), now, request.META.get("REMOTE_ADDR", ""))
    except lockout.Locked as locked:
        return shown(request, {"email": email, "error": locked_words(locked, now)}, status=429)
    if user is None:
        error = _("E-mail and password do not belong together. Check both and try again.")
        return shown(request, {"email": email, "error": error}, status=422)
    return _through(request, user, onward)


def shown(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page that asks for address and password; passkeys are offered where a browser can use them."""
    onward = inside(request, request.POST.get("next") or request.GET.get("next") or "/")
    about = {"next": onward, "host": request.get_host(), "version": __version__, "passkeys_work": passkeys_work(request)}
    return render(request, "goodword/sign_in.html", about | context, status=status)


def _through(request: HttpRequest, user: User, onward: str) -> HttpResponse:
    """The password was right: on to the second factor where there is one, else in; whoever was signed in here is out."""
    if request.user.is_authenticated:
        logout(request)
    response: HttpResponse = perform_password_login(request, {}, Login(user=user, redirect_url=onward))
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End this session."""
    logout(request)
    return HttpResponseRedirect("/sign-in")


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponseBase:
    """A one-time link: choose a password, and you are in. Looking at the page uses nothing up."""
    now = datetime.now(UTC)
    try:
        user = act.invited(token, now)
        context: dict[str, Any] = {"email": user.email, "shortest": act.SHORTEST_PASSWORD}
        if request.method == "POST":
            password = request.POST.get("password", "")
            if password != request.POST.get("again", ""):
                context["error"] = _("The two passwords differ. Type the same one twice.")
            else:
                had_one = user.has_usable_password()
                try:
                    user = act.accept(token, password, now)
                except BadInput as refusal:
                    context["error"] = refusal.why
                else:
                    if had_one:  # who chooses the first one was just invited
                        letters.news(user, "password", now)
                    return _through(request, user, "/")
    except act.LinkEnded as ended:
        return _private(errors.refused(request, 410, ended))
    return _private(render(request, "goodword/welcome.html", context, status=422 if "error" in context else 200))


@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """The first client, or how to get one."""
    desk = shell.desk_of(request)
    if desk is None:
        return HttpResponseRedirect("/sign-in")
    if desk.served:
        return HttpResponseRedirect(shell.home_of(desk.last or desk.served[0], desk.house))
    if May.ADD_CLIENT in desk.may_house:
        return HttpResponseRedirect(reverse("first_steps"))
    if house := shell.house_home(desk):
        return HttpResponseRedirect(house)
    return render(request, "goodword/no_client.html")


def inside(request: HttpRequest, address: str) -> str:
    """An address of this server, else its front page: nobody is led elsewhere after signing in."""
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}) else "/"


def _private(response: HttpResponse) -> HttpResponse:
    """The address holds the token, so the browser passes on no more than the origin (nothing at all would fail our forms)."""
    response["Referrer-Policy"] = "strict-origin"
    return response
