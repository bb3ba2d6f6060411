"""Which addresses does the API have beside the front door's?"""

from django.urls import path

from goodword.api import backtests, programs, trying

urlpatterns = [
    path("v1/events/try", trying.tried, name="api_event_try"),
    path("v1/programs", programs.listed, name="api_programs"),
    path("v1/programs/<slug:slug>", programs.program, name="api_program"),
    path("v1/programs/<slug:slug>/texts", programs.texts, name="api_program_texts"),
    path("v1/programs/<slug:slug>/diff", programs.compared, name="api_program_diff"),
    path("v1/backtests", backtests.begun, name="api_backtests"),
    path("v1/backtests/<str:id>", backtests.one_of_them, name="api_backtest"),
]
