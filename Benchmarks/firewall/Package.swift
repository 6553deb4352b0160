// swift-tools-version: 6.2
import PackageDescription

// The firewall alone, so that measuring it does not take a build of everything. Its targets are links into Sources.
let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "firewall",
    platforms: [.macOS(.v15)],
    targets: [
        .executableTarget(name: "FirewallScorer", dependencies: ["HadalFirewall", "HadalJSON"], swiftSettings: swift),
        .target(
            name: "HadalFirewall", dependencies: ["HadalFirewallModel", "HadalText", "HadalJSON"], swiftSettings: swift),
        .target(name: "HadalFirewallModel", exclude: ["firewall.model"]),
        .target(name: "HadalText", swiftSettings: swift),
        .target(name: "HadalJSON", swiftSettings: swift),
    ]
)
