// Command client does with Microsoft's own libraries what a user of galleries does, and prints what
// it was told as one JSON object. It ends with code 1 at the first answer that a library refuses.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/compute/armcompute/v7"
)

const (
	group      = "images"
	vm         = "build-linux"
	gallery    = "clients"
	definition = "web"
	version    = "1.0.0"
)

var polling = &runtime.PollUntilDoneOptions{Frequency: time.Second}

// must returns the value, or ends the program with the error.
func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

// done waits for the end of an operation that must have begun.
func done[T any](ctx context.Context, poller *runtime.Poller[T], err error) T {
	return must(must(poller, err).PollUntilDone(ctx, polling))
}

// code is Azure's error code, or what the error says when it is none of Azure's.
func code(err error) string {
	var refusal *azcore.ResponseError
	if errors.As(err, &refusal) {
		return fmt.Sprintf("%d %s", refusal.StatusCode, refusal.ErrorCode)
	}
	return fmt.Sprint(err)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	endpoint := os.Getenv("AZURE_AUTHORITY_HOST")
	options := azcore.ClientOptions{Cloud: cloud.Configuration{
		ActiveDirectoryAuthorityHost: endpoint,
		Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
			cloud.ResourceManager: {Audience: endpoint, Endpoint: endpoint},
		},
	}}
	credential := must(azidentity.NewClientSecretCredential(
		os.Getenv("AZURE_TENANT_ID"), os.Getenv("AZURE_CLIENT_ID"), os.Getenv("AZURE_CLIENT_SECRET"),
		&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: true},
	))
	clients := must(armcompute.NewClientFactory(
		os.Getenv("AZURE_SUBSCRIPTION_ID"), credential, &arm.ClientOptions{ClientOptions: options},
	))
	vms, galleries := clients.NewVirtualMachinesClient(), clients.NewGalleriesClient()
	definitions, versions := clients.NewGalleryImagesClient(), clients.NewGalleryImageVersionsClient()
	facts := map[string]any{}

	_, err := versions.Get(ctx, group, gallery, definition, version, nil)
	facts["missing"] = code(err)

	deallocating, err := vms.BeginDeallocate(ctx, group, vm, nil)
	done(ctx, deallocating, err)
	must(vms.Generalize(ctx, group, vm, nil))
	source := must(vms.Get(ctx, group, vm, nil))

	making, err := galleries.BeginCreateOrUpdate(ctx, group, gallery,
		armcompute.Gallery{Location: to.Ptr("westeurope")}, nil)
	made := done(ctx, making, err)
	facts["gallery"] = made.Properties.ProvisioningState

	defining, err := definitions.BeginCreateOrUpdate(ctx, group, gallery, definition, armcompute.GalleryImage{
		Location: to.Ptr("westeurope"),
		Properties: &armcompute.GalleryImageProperties{
			OSType:           to.Ptr(armcompute.OperatingSystemTypesLinux),
			OSState:          to.Ptr(armcompute.OperatingSystemStateTypesGeneralized),
			HyperVGeneration: to.Ptr(armcompute.HyperVGenerationV2),
			Identifier: &armcompute.GalleryImageIdentifier{
				Publisher: to.Ptr("contoso"), Offer: to.Ptr("clients"), SKU: to.Ptr("web"),
			},
			Features: []*armcompute.GalleryImageFeature{
				{Name: to.Ptr("SecurityType"), Value: to.Ptr("TrustedLaunch")},
			},
		},
	}, nil)
	facts["generation"] = done(ctx, defining, err).Properties.HyperVGeneration

	beginning, err := versions.BeginCreateOrUpdate(ctx, group, gallery, definition, version,
		armcompute.GalleryImageVersion{
			Location: to.Ptr("westeurope"),
			Properties: &armcompute.GalleryImageVersionProperties{
				StorageProfile: &armcompute.GalleryImageVersionStorageProfile{
					Source: &armcompute.GalleryArtifactVersionFullSource{VirtualMachineID: source.ID},
				},
				PublishingProfile: &armcompute.GalleryImageVersionPublishingProfile{
					TargetRegions: []*armcompute.TargetRegion{
						{Name: to.Ptr("West Europe"), RegionalReplicaCount: to.Ptr[int32](2)},
						{Name: to.Ptr("northeurope")},
					},
				},
			},
		}, nil)
	must(beginning, err)
	expand := &armcompute.GalleryImageVersionsClientGetOptions{
		Expand: to.Ptr(armcompute.ReplicationStatusTypesReplicationStatus),
	}
	during := must(versions.Get(ctx, group, gallery, definition, version, expand))
	facts["during"] = []any{
		during.Properties.ProvisioningState, during.Properties.ReplicationStatus.AggregatedState,
	}
	ended := done(ctx, beginning, err)
	facts["state"] = ended.Properties.ProvisioningState
	after := must(versions.Get(ctx, group, gallery, definition, version, expand))
	for after.Properties.ReplicationStatus.AggregatedState == nil ||
		*after.Properties.ReplicationStatus.AggregatedState != armcompute.AggregatedReplicationStateCompleted {
		must(0, ctx.Err())
		time.Sleep(time.Second)
		after = must(versions.Get(ctx, group, gallery, definition, version, expand))
	}
	regions := []any{}
	for _, region := range after.Properties.ReplicationStatus.Summary {
		regions = append(regions, []any{region.Region, region.State, region.Progress})
	}
	facts["regions"] = regions

	listed := []string{}
	for pager := versions.NewListByGalleryImagePager(group, gallery, definition, nil); pager.More(); {
		for _, each := range must(pager.NextPage(ctx)).Value {
			listed = append(listed, *each.Name)
		}
	}
	facts["listed"] = listed

	_, err = galleries.BeginDelete(ctx, group, gallery, nil)
	facts["refused"] = code(err)

	deleting, err := versions.BeginDelete(ctx, group, gallery, definition, version, nil)
	done(ctx, deleting, err)
	_, err = versions.Get(ctx, group, gallery, definition, version, nil)
	facts["gone"] = code(err)
	must(0, json.NewEncoder(os.Stdout).Encode(facts))
}
