"""The rows that a simple referral application writes for each event."""

from __future__ import annotations

from django.db import models


class ApiKey(models.Model):
    hash = models.CharField(max_length=64, unique=True)
    client = models.IntegerField()


class Person(models.Model):
    client = models.IntegerField()
    external_id = models.CharField(max_length=200)
    email = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "external_id"], name="one_person")]


class Code(models.Model):
    client = models.IntegerField()
    code = models.CharField(max_length=60)
    advocate = models.ForeignKey(Person, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "code"], name="one_code")]


class Event(models.Model):
    client = models.IntegerField()
    external_id = models.CharField(max_length=200)
    type = models.CharField(max_length=60)
    at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    body = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "external_id"], name="one_event")]


class Click(models.Model):
    code = models.ForeignKey(Code, on_delete=models.CASCADE)
    token = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField(auto_now_add=True)
    ip = models.CharField(max_length=60)
    user_agent = models.CharField(max_length=500)
    visitor = models.CharField(max_length=200, blank=True, db_index=True)


class Referral(models.Model):
    client = models.IntegerField()
    friend = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="referral")
    advocate = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="referrals")
    state = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)


class Reward(models.Model):
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE)
    payee = models.ForeignKey(Person, on_delete=models.CASCADE)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20)
    due_at = models.DateTimeField(db_index=True)


class Account(models.Model):
    client = models.IntegerField()
    name = models.CharField(max_length=100)
    balance = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="one_account")]


class Entry(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    reward = models.ForeignKey(Reward, on_delete=models.CASCADE)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    at = models.DateTimeField(auto_now_add=True)


MODELS = (ApiKey, Person, Code, Event, Click, Referral, Reward, Account, Entry)
