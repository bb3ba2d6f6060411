"""Where does the page System stand?"""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.system import views

urlpatterns = [
    path("system", views.home, name="system"),
    path("system.json", views.home_json, name="system_json"),
]
