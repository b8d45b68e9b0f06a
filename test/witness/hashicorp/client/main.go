// Command client does with HashiCorp's libraries, those of Terraform's azurerm, what a user of
// galleries does, and prints what it was told as one JSON object. It ends with code 1 at the first
// answer that a library refuses.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/go-azure-helpers/resourcemanager/commonids"
	"github.com/hashicorp/go-azure-sdk/resource-manager/compute/2023-07-03/galleries"
	"github.com/hashicorp/go-azure-sdk/resource-manager/compute/2023-07-03/galleryimages"
	"github.com/hashicorp/go-azure-sdk/resource-manager/compute/2023-07-03/galleryimageversions"
	"github.com/hashicorp/go-azure-sdk/resource-manager/compute/2024-03-01/virtualmachines"
	"github.com/hashicorp/go-azure-sdk/sdk/auth"
	"github.com/hashicorp/go-azure-sdk/sdk/environments"
	"github.com/hashicorp/go-azure-sdk/sdk/odata"
)

const (
	group      = "images"
	gallery    = "clients"
	definition = "web"
)

// must returns the value, or ends the program with the error.
func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func to[T any](value T) *T { return &value }

// code is Azure's error code, or what the error says when it is none of Azure's.
func code(response *http.Response, data *odata.OData, err error) string {
	if response == nil || data == nil || data.Error == nil || data.Error.Code == nil {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%d %s", response.StatusCode, *data.Error.Code)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	subscription := os.Getenv("AZURE_SUBSCRIPTION_ID")
	cloud := must(environments.FromEndpoint(ctx, os.Getenv("AZURE_AUTHORITY_HOST")))
	api := cloud.ResourceManager
	authorizer := must(auth.NewAuthorizerFromCredentials(ctx, auth.Credentials{
		Environment:                           *cloud,
		EnableAuthenticatingUsingClientSecret: true,
		TenantID:                              os.Getenv("AZURE_TENANT_ID"),
		ClientID:                              os.Getenv("AZURE_CLIENT_ID"),
		ClientSecret:                          os.Getenv("AZURE_CLIENT_SECRET"),
	}, api))
	vms := must(virtualmachines.NewVirtualMachinesClientWithBaseURI(api))
	shared := must(galleries.NewGalleriesClientWithBaseURI(api))
	definitions := must(galleryimages.NewGalleryImagesClientWithBaseURI(api))
	versions := must(galleryimageversions.NewGalleryImageVersionsClientWithBaseURI(api))
	vms.Client.SetAuthorizer(authorizer)
	shared.Client.SetAuthorizer(authorizer)
	definitions.Client.SetAuthorizer(authorizer)
	versions.Client.SetAuthorizer(authorizer)

	vm := virtualmachines.NewVirtualMachineID(subscription, group, "build-linux")
	galleryID := commonids.NewSharedImageGalleryID(subscription, group, gallery)
	version := galleryimageversions.NewImageVersionID(subscription, group, gallery, definition, "1.0.0")
	plain := galleryimageversions.DefaultGetOperationOptions()
	expanded := galleryimageversions.GetOperationOptions{
		Expand: to(galleryimageversions.ReplicationStatusTypesReplicationStatus),
	}
	read := func() galleryimageversions.GalleryImageVersionProperties {
		return *must(versions.Get(ctx, version, expanded)).Model.Properties
	}
	facts := map[string]any{}

	missing, err := versions.Get(ctx, version, plain)
	facts["missing"] = code(missing.HttpResponse, missing.OData, err)

	check(vms.DeallocateThenPoll(ctx, vm, virtualmachines.DefaultDeallocateOperationOptions()))
	must(vms.Generalize(ctx, vm))

	check(shared.CreateOrUpdateThenPoll(ctx, galleryID, galleries.Gallery{Location: "westeurope"}))
	made := must(shared.Get(ctx, galleryID, galleries.DefaultGetOperationOptions()))
	facts["gallery"] = made.Model.Properties.ProvisioningState

	definitionID := galleryimages.NewGalleryImageID(subscription, group, gallery, definition)
	check(definitions.CreateOrUpdateThenPoll(ctx, definitionID, galleryimages.GalleryImage{
		Location: "westeurope",
		Properties: &galleryimages.GalleryImageProperties{
			OsType:           galleryimages.OperatingSystemTypesLinux,
			OsState:          galleryimages.OperatingSystemStateTypesGeneralized,
			HyperVGeneration: to(galleryimages.HyperVGenerationVTwo),
			Identifier: galleryimages.GalleryImageIdentifier{
				Publisher: "contoso", Offer: "clients", Sku: "web",
			},
			Features: &[]galleryimages.GalleryImageFeature{
				{Name: to("SecurityType"), Value: to("TrustedLaunch")},
			},
		},
	}))
	facts["generation"] = must(definitions.Get(ctx, definitionID)).Model.Properties.HyperVGeneration

	making := must(versions.CreateOrUpdate(ctx, version, galleryimageversions.GalleryImageVersion{
		Location: "westeurope",
		Properties: &galleryimageversions.GalleryImageVersionProperties{
			StorageProfile: galleryimageversions.GalleryImageVersionStorageProfile{
				Source: &galleryimageversions.GalleryArtifactVersionFullSource{VirtualMachineId: to(vm.ID())},
			},
			PublishingProfile: &galleryimageversions.GalleryArtifactPublishingProfileBase{
				TargetRegions: &[]galleryimageversions.TargetRegion{
					{Name: "West Europe", RegionalReplicaCount: to[int64](2)},
					{Name: "northeurope"},
				},
			},
		},
	}))
	during := read()
	facts["during"] = []any{during.ProvisioningState, during.ReplicationStatus.AggregatedState}
	check(making.Poller.PollUntilDone(ctx))
	after := read()
	for *after.ReplicationStatus.AggregatedState != galleryimageversions.AggregatedReplicationStateCompleted {
		check(ctx.Err())
		time.Sleep(time.Second)
		after = read()
	}
	facts["state"] = after.ProvisioningState
	regions := []any{}
	for _, region := range *after.ReplicationStatus.Summary {
		regions = append(regions, []any{region.Region, region.State, region.Progress})
	}
	facts["regions"] = regions

	listed := []string{}
	list := galleryimageversions.NewGalleryImageID(subscription, group, gallery, definition)
	for _, each := range must(versions.ListByGalleryImageComplete(ctx, list)).Items {
		listed = append(listed, *each.Name)
	}
	facts["listed"] = listed

	refused, err := shared.Delete(ctx, galleryID)
	facts["refused"] = code(refused.HttpResponse, refused.OData, err)
	check(versions.DeleteThenPoll(ctx, version))
	gone, err := versions.Get(ctx, version, plain)
	facts["gone"] = code(gone.HttpResponse, gone.OData, err)
	check(json.NewEncoder(os.Stdout).Encode(facts))
}
