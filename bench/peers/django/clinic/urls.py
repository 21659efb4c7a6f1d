from django.urls import path

from clinic import views

urlpatterns = [
    path("me", views.me),
    path("accounts/<int:organization>/members", views.members),
    path("accounts/<int:organization>/invitations", views.invite),
    path("groups/<int:group>", views.group),
    path("groups/<int:group>/cases", views.group_cases),
    path("cases", views.cases),
    path("invitations/<uuid:guid>/accept", views.accept),
]
