"""What a brand's systems hear of it: announcements of the journal, sent out as signed webhooks.

Owns: endpoints and their secrets, how far each has heard the journal, deliveries with their attempts, the
signatures (Standard Webhooks 1.0.0), the delivering worker. Does not own: what is announced (journal), who
asks (api, cli), nor what shops and others send to us: a delivery comes in in `deliveries`, and here goes out.
Invariants: a delivery is sent only after the earlier ones of
its member to the same endpoint were delivered or given up; positions and deliveries commit together, so a
kill loses nothing and leaves nothing out; what is sent twice has the same webhook-id; a secret is shown once;
no private address is spoken to unless an operator said so. Actions never commit; the `Postman`, which owns
its connection, does.
"""

from bondfire.webhooks.actions import (
    RANDOM_BYTES,
    Change,
    NewEndpoint,
    change_endpoint,
    create_endpoint,
    remove_endpoint,
    rotate_secret,
)
from bondfire.webhooks.gateways import Gateway, HttpGateway, Message
from bondfire.webhooks.jobs import Postman
from bondfire.webhooks.model import (
    ID_BYTES,
    SECRET_BYTES,
    TYPES,
    Answer,
    Attempt,
    Delivery,
    DeliveryPlace,
    DeliveryState,
    Endpoint,
    EndpointPlace,
)
from bondfire.webhooks.queries import (
    DeliveryView,
    EndpointView,
    Lag,
    Which,
    endpoints_page,
    lag_of,
    list_deliveries,
    list_endpoints,
    prepare_trial,
    read_delivery,
    read_endpoint,
)
from bondfire.webhooks.resending import resend_deliveries, resend_delivery
from bondfire.webhooks.tidying import forget_answers

__all__ = [
    "ID_BYTES",
    "RANDOM_BYTES",
    "SECRET_BYTES",
    "TYPES",
    "Answer",
    "Attempt",
    "Change",
    "Delivery",
    "DeliveryPlace",
    "DeliveryState",
    "DeliveryView",
    "Endpoint",
    "EndpointPlace",
    "EndpointView",
    "Gateway",
    "HttpGateway",
    "Lag",
    "Message",
    "NewEndpoint",
    "Postman",
    "Which",
    "change_endpoint",
    "create_endpoint",
    "endpoints_page",
    "forget_answers",
    "lag_of",
    "list_deliveries",
    "list_endpoints",
    "prepare_trial",
    "read_delivery",
    "read_endpoint",
    "remove_endpoint",
    "resend_deliveries",
    "resend_delivery",
    "rotate_secret",
]
