import com.azure.core.credential.TokenCredential;
import com.azure.core.management.AzureEnvironment;
import com.azure.core.management.exception.ManagementException;
import com.azure.core.management.profile.AzureProfile;
import com.azure.core.util.Context;
import com.azure.core.util.serializer.JacksonAdapter;
import com.azure.core.util.serializer.SerializerEncoding;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.resourcemanager.compute.ComputeManager;
import com.azure.resourcemanager.compute.fluent.ComputeManagementClient;
import com.azure.resourcemanager.compute.fluent.models.GalleryImageInner;
import com.azure.resourcemanager.compute.fluent.models.GalleryImageVersionInner;
import com.azure.resourcemanager.compute.fluent.models.GalleryInner;
import com.azure.resourcemanager.compute.models.AggregatedReplicationState;
import com.azure.resourcemanager.compute.models.GalleryArtifactVersionFullSource;
import com.azure.resourcemanager.compute.models.GalleryImageFeature;
import com.azure.resourcemanager.compute.models.GalleryImageIdentifier;
import com.azure.resourcemanager.compute.models.GalleryImageVersionPublishingProfile;
import com.azure.resourcemanager.compute.models.GalleryImageVersionStorageProfile;
import com.azure.resourcemanager.compute.models.HyperVGeneration;
import com.azure.resourcemanager.compute.models.OperatingSystemStateTypes;
import com.azure.resourcemanager.compute.models.OperatingSystemTypes;
import com.azure.resourcemanager.compute.models.ReplicationStatusTypes;
import com.azure.resourcemanager.compute.models.TargetRegion;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Does with Microsoft's own libraries what a user of galleries does, and prints what it was told as one
 * JSON object. An answer that a library refuses ends it with a stack trace.
 */
public final class Client {
  private static final String GROUP = "images";
  private static final String VM = "build-linux";
  private static final String GALLERY = "clients";
  private static final String DEFINITION = "web";
  private static final String VERSION = "1.0.0";

  public static void main(String[] parameters) throws Exception {
    trust(Path.of(System.getenv("SSL_CERT_FILE")));
    ComputeManagementClient client = client(System.getenv("AZURE_AUTHORITY_HOST"));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("missing", code(() -> client.getGalleryImageVersions().get(GROUP, GALLERY, DEFINITION, VERSION)));

    client.getVirtualMachines().deallocate(GROUP, VM);
    client.getVirtualMachines().generalize(GROUP, VM);
    String source = client.getVirtualMachines().getByResourceGroup(GROUP, VM).id();

    GalleryInner gallery = new GalleryInner().withLocation("westeurope");
    gallery = client.getGalleries().createOrUpdate(GROUP, GALLERY, gallery);
    facts.put("gallery", gallery.provisioningState().toString());

    GalleryImageInner definition = new GalleryImageInner()
        .withLocation("westeurope")
        .withOsType(OperatingSystemTypes.LINUX)
        .withOsState(OperatingSystemStateTypes.GENERALIZED)
        .withHyperVGeneration(HyperVGeneration.V2)
        .withIdentifier(new GalleryImageIdentifier().withPublisher("contoso").withOffer("clients").withSku("web"))
        .withFeatures(List.of(new GalleryImageFeature().withName("SecurityType").withValue("TrustedLaunch")));
    definition = client.getGalleryImages().createOrUpdate(GROUP, GALLERY, DEFINITION, definition);
    facts.put("generation", definition.hyperVGeneration().toString());

    var making = client.getGalleryImageVersions().beginCreateOrUpdate(
        GROUP, GALLERY, DEFINITION, VERSION,
        new GalleryImageVersionInner()
            .withLocation("westeurope")
            .withStorageProfile(new GalleryImageVersionStorageProfile()
                .withSource(new GalleryArtifactVersionFullSource().withVirtualMachineId(source)))
            .withPublishingProfile(new GalleryImageVersionPublishingProfile().withTargetRegions(List.of(
                new TargetRegion().withName("West Europe").withRegionalReplicaCount(2),
                new TargetRegion().withName("northeurope")))));
    GalleryImageVersionInner during = read(client);
    facts.put("during", List.of(
        during.provisioningState().toString(), during.replicationStatus().aggregatedState().toString()));
    facts.put("state", making.getFinalResult().provisioningState().toString());
    while (!AggregatedReplicationState.COMPLETED.equals(read(client).replicationStatus().aggregatedState())) {
      Thread.sleep(1000);
    }
    facts.put("regions", read(client).replicationStatus().summary().stream()
        .map(each -> List.of(each.region(), each.state().toString(), each.progress()))
        .toList());
    facts.put("listed", client.getGalleryImageVersions().listByGalleryImage(GROUP, GALLERY, DEFINITION).stream()
        .map(GalleryImageVersionInner::name)
        .toList());
    facts.put("refused", code(() -> client.getGalleries().delete(GROUP, GALLERY)));
    client.getGalleryImageVersions().delete(GROUP, GALLERY, DEFINITION, VERSION);
    facts.put("gone", code(() -> client.getGalleryImageVersions().get(GROUP, GALLERY, DEFINITION, VERSION)));
    System.out.println(JacksonAdapter.createDefaultSerializerAdapter().serialize(facts, SerializerEncoding.JSON));
    System.exit(0);
  }

  private static ComputeManagementClient client(String endpoint) {
    TokenCredential credential = new ClientSecretCredentialBuilder()
        .authorityHost(endpoint)
        .disableInstanceDiscovery()
        .tenantId(System.getenv("AZURE_TENANT_ID"))
        .clientId(System.getenv("AZURE_CLIENT_ID"))
        .clientSecret(System.getenv("AZURE_CLIENT_SECRET"))
        .build();
    AzureEnvironment cloud = new AzureEnvironment(Map.of(
        "activeDirectoryEndpointUrl", endpoint,
        "managementEndpointUrl", endpoint,
        "microsoftGraphResourceId", endpoint,
        "resourceManagerEndpointUrl", endpoint));
    AzureProfile profile = new AzureProfile(
        System.getenv("AZURE_TENANT_ID"), System.getenv("AZURE_SUBSCRIPTION_ID"), cloud);
    return ComputeManager.authenticate(credential, profile).serviceClient();
  }

  private static GalleryImageVersionInner read(ComputeManagementClient client) {
    return client.getGalleryImageVersions()
        .getWithResponse(
            GROUP, GALLERY, DEFINITION, VERSION, ReplicationStatusTypes.REPLICATION_STATUS, Context.NONE)
        .getValue();
  }

  /** Azure's error code for a call that it must refuse. */
  private static String code(Runnable call) {
    try {
      call.run();
      return "accepted";
    } catch (ManagementException refusal) {
      return refusal.getResponse().getStatusCode() + " " + refusal.getValue().getCode();
    }
  }

  /** Java takes no PEM file of authorities, so one becomes a key store. */
  private static void trust(Path authority) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream file = Files.newInputStream(authority)) {
      store.setCertificateEntry("local", CertificateFactory.getInstance("X.509").generateCertificate(file));
    }
    Path path = Files.createTempFile("trust", ".p12");
    path.toFile().deleteOnExit();
    try (OutputStream file = Files.newOutputStream(path)) {
      store.store(file, "changeit".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", path.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
  }
}
