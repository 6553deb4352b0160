import HadalAccess
import HadalConfiguration
import Testing

@testable import HadalGateway

/// What an operator writes about limits is what counts.
@Suite struct LimitSettingsTests {
    @Test func theTurnsOfTenantsReachTheLimiter() throws {
        var settings = HadalSettings()
        settings.limits.tenantWeights = ["research": 3]
        settings.limits.queueWait = .seconds(4)
        var configuration = GatewayConfiguration(models: [])
        try configuration.apply(settings, environment: [:])
        #expect(configuration.access.limits.tenantWeights == ["research": 3])
        #expect(configuration.access.limits.maximumWait == .seconds(4))
    }
}
