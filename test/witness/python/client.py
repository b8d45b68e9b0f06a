"""Does with Microsoft's own libraries what a user of galleries does, and prints what it was told as one
JSON object. An answer that a library refuses ends it with a traceback."""

import json
import os
import time

from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.compute import ComputeManagementClient

GROUP, VM, GALLERY, DEFINITION, VERSION = "images", "build-linux", "clients", "web", "1.0.0"
ONE = (GROUP, GALLERY, DEFINITION, VERSION)

endpoint = os.environ["AZURE_AUTHORITY_HOST"]
credential = ClientSecretCredential(
    os.environ["AZURE_TENANT_ID"],
    os.environ["AZURE_CLIENT_ID"],
    os.environ["AZURE_CLIENT_SECRET"],
    authority=endpoint,
    disable_instance_discovery=True,
)
client = ComputeManagementClient(
    credential,
    os.environ["AZURE_SUBSCRIPTION_ID"],
    base_url=endpoint,
    credential_scopes=[f"{endpoint}/.default"],
    polling_interval=1,
)


def code(call):
    """Azure's error code for a call that it must refuse."""
    try:
        call()
    except HttpResponseError as error:
        return f"{error.status_code} {error.error.code}"
    return "accepted"


def read():
    return client.gallery_image_versions.get(*ONE, expand="ReplicationStatus")


def text(value):
    return getattr(value, "value", value)


facts = {"missing": code(lambda: client.gallery_image_versions.get(*ONE))}

client.virtual_machines.begin_deallocate(GROUP, VM).result()
client.virtual_machines.generalize(GROUP, VM)
source = client.virtual_machines.get(GROUP, VM).id

gallery = client.galleries.begin_create_or_update(GROUP, GALLERY, {"location": "westeurope"})
facts["gallery"] = text(gallery.result().provisioning_state)

definition = client.gallery_images.begin_create_or_update(
    GROUP,
    GALLERY,
    DEFINITION,
    {
        "location": "westeurope",
        "properties": {
            "osType": "Linux",
            "osState": "Generalized",
            "hyperVGeneration": "V2",
            "identifier": {"publisher": "contoso", "offer": "clients", "sku": "web"},
            "features": [{"name": "SecurityType", "value": "TrustedLaunch"}],
        },
    },
)
facts["generation"] = text(definition.result().hyper_v_generation)

making = client.gallery_image_versions.begin_create_or_update(
    *ONE,
    {
        "location": "westeurope",
        "properties": {
            "storageProfile": {"source": {"virtualMachineId": source}},
            "publishingProfile": {
                "targetRegions": [
                    {"name": "West Europe", "regionalReplicaCount": 2},
                    {"name": "northeurope"},
                ]
            },
        },
    },
)
during = read()
facts["during"] = [
    text(during.provisioning_state),
    text(during.replication_status.aggregated_state),
]
facts["state"] = text(making.result().provisioning_state)
while text(read().replication_status.aggregated_state) != "Completed":
    time.sleep(1)
facts["regions"] = [
    [each.region, text(each.state), each.progress] for each in read().replication_status.summary
]
facts["listed"] = [
    each.name
    for page in client.gallery_image_versions.list_by_gallery_image(*ONE[:3]).by_page()
    for each in page
]
facts["refused"] = code(lambda: client.galleries.begin_delete(GROUP, GALLERY))
client.gallery_image_versions.begin_delete(*ONE).result()
facts["gone"] = code(lambda: client.gallery_image_versions.get(*ONE))
print(json.dumps(facts))
