"""Where are the people of the house? Under /users for all, under each client its team; beside them what roles may do."""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.users import roles, see_as, team, users

urlpatterns = [
    path("users", users.listed, name="users"),
    path("users.csv", users.as_csv, name="users_csv"),
    path("users.json", users.as_json, name="users_json"),
    path("users/invite", users.invite, name="user_invite"),
    path("users/<usr:id>", users.one, name="user"),
    path("users/<usr:id>/roles", users.set_roles, name="user_roles"),
    path("users/<usr:id>/link", users.link, name="user_link"),
    path("users/<usr:id>/second-factor", users.second_factor, name="user_second_factor"),
    path("users/<usr:id>/shut-out", users.shut_out, name="user_shut_out"),
    path("users/<usr:id>/let-in", users.let_in, name="user_let_in"),
    path("permissions", roles.permissions, name="permissions"),
    path("see-as", see_as.of_house, name="see_as"),
    path("see-as/end", see_as.end, name="see_as_end"),
    path("c/<slug:slug>/team", team.listed, name="team"),
    path("c/<slug:slug>/team.csv", team.as_csv, name="team_csv"),
    path("c/<slug:slug>/team.json", team.as_json, name="team_json"),
    path("c/<slug:slug>/team/invite", team.invite, name="team_invite"),
    path("c/<slug:slug>/team/see-as", see_as.of_client, name="team_see_as"),
    path("c/<slug:slug>/team/<usr:id>", team.one, name="team_member"),
    path("c/<slug:slug>/team/<usr:id>/roles", team.set_roles, name="team_roles"),
    path("c/<slug:slug>/team/<usr:id>/link", team.link, name="team_link"),
]
