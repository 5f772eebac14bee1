"""Which scope an endpoint needs: the one place where that is decided.

The reference names scopes for the dynamic links and for each webhook only. For everything else they follow
from what the guide says a scope grants ("Set app scopes"):

| scope                              | grants                                                             |
|------------------------------------|--------------------------------------------------------------------|
| catalog:read                       | the catalog, the words it is sorted by, practitioner types, labs'  |
|                                    | tests, metadata look-up (field notes, 1.16)                        |
| clinic:read                        | the clinic, its people, protocols, templates, resources, webhook   |
|                                    | deliveries, events about its key                                   |
| clinic:write                       | changing people and resources, session grants, dynamic links; with |
|                                    | patients:read also changing treatment plans                        |
| patients:read                      | patients, dependents, addresses, plans made through the API        |
| patients:write                     | creating and changing patients; dynamic links that may do so       |
| patients:treatment_plan_history    | plans made in Fullscript's own pages, and plans' events            |
| patients:order_history             | orders, lab orders and their results, and events about them        |
"""

from __future__ import annotations

CATALOG_READ = "catalog:read"
CLINIC_READ = "clinic:read"
CLINIC_WRITE = "clinic:write"
PATIENTS_READ = "patients:read"
PATIENTS_WRITE = "patients:write"
PLAN_HISTORY = "patients:treatment_plan_history"
ORDER_HISTORY = "patients:order_history"
