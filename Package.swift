// swift-tools-version: 6.2
import PackageDescription

// Targets and what each may use; arrows point down only (see ARCHITECTURE.md).
let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

/// For what computes next to nothing, where the optimiser takes longer than it ever saves.
let unoptimized: [SwiftSetting] = swift + [.unsafeFlags(["-Onone"])]

/// Whose tests look inside (`@testable`) although the tests are built for release: many small parts behind a narrow face, none of
/// them hot.
func testable(_ name: String, _ dependencies: [Target.Dependency], isOptimized: Bool = true) -> Target {
    .target(
        name: name, dependencies: dependencies,
        swiftSettings: (isOptimized ? swift : unoptimized) + [.unsafeFlags(["-enable-testing"])])
}

/// - Parameter isOptimized: of those that compute much themselves.
func tests(
    _ name: String, _ dependencies: [Target.Dependency], isOptimized: Bool = false, exclude: [String] = [],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["TestSupport"], exclude: exclude, resources: resources,
        swiftSettings: isOptimized ? swift : unoptimized)
}

/// A program for tests to run, and to kill.
func probe(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: swift)
}

let package = Package(
    name: "hadal",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hadal", targets: ["Hadal"]), .library(name: "HadalClient", targets: ["HadalClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .executableTarget(
            name: "Hadal",
            dependencies: [
                "HadalGateway", "HadalAlerts", "HadalAccess", "HadalCertificates", "HadalConfiguration", "HadalSecrets",
                "HadalWorker",
                "HadalAudit", "HadalBackup", "HadalObjects", "HadalRouting", "HadalRules", "HadalText",
                "HadalUpstreams",
                "HadalClient", "HadalWire", "HadalBench", "HadalDashboards", "HadalEval", "HadalLoad", "HadalLogs",
                "HadalReport", "HadalTracing",
                "HadalPlan",
                "HadalPull", "HadalBundle",
                "HadalCUDA", "HadalNVML", "HadalReplicas", "HadalStore",
                "HadalTerminal",
                "HadalEngine",
                "HadalGrammar",
                "HadalModels", "HadalCompute",
                "HadalTemplates", "HadalTokenization", "HadalCheckpoint", "HadalJSON",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: unoptimized),
        testable(
            "HadalBackup",
            [
                "HadalObjects", "HadalSecrets", "HadalJSON",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        library("HadalTerminal", []),
        library(
            "HadalClient",
            [
                "HadalWire", "HadalJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        testable(
            "HadalTracing",
            [
                "HadalJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        testable("HadalLogs", ["HadalJSON", .product(name: "Logging", package: "swift-log")]),
        testable(
            "HadalEval",
            [
                "HadalReport", "HadalClient", "HadalWire", "HadalGrammar", "HadalJSON",
                .product(name: "Yams", package: "Yams"),
            ]),
        library("HadalReport", ["HadalTerminal", "HadalWire"]),
        library("HadalDashboards", ["HadalJSON"]),
        testable(
            "HadalLoad",
            [
                "HadalReport", "HadalClient", "HadalWire", "HadalJSON",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        library(
            "HadalBench",
            [
                "HadalEngine", "HadalGrammar", "HadalModels", "HadalTokenization", "HadalCompute", "HadalCheckpoint",
                "HadalJSON",
            ]),
        testable(
            "HadalGateway",
            [
                "HadalAudit", "HadalFirewall", "HadalPrivacy", "HadalReleases", "HadalRouting", "HadalRules",
                "HadalText",
                "HadalUpstreams",
                "HadalAccess", "HadalCertificates", "HadalConfiguration", "HadalNVML", "HadalSecrets", "HadalHTTP",
                "HadalWire",
                "HadalJSON",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        testable(
            "HadalAccess",
            [
                "HadalState", "HadalJSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        library(
            "HadalCertificates",
            [
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        testable(
            "HadalSecrets",
            [
                "HadalPKCS11", "HadalJSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "HadalPKCS11"),
        testable(
            "HadalAudit",
            [
                "HadalSecrets", "HadalJSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        testable("HadalFirewall", ["HadalFirewallModel", "HadalText", "HadalJSON"]),
        .target(name: "HadalFirewallModel", exclude: ["firewall.model"]),
        testable("HadalPrivacy", ["HadalText", "HadalJSON"]),
        testable(
            "HadalRules",
            [
                "HadalText", "HadalJSON", .product(name: "Yams", package: "Yams"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        library("HadalNVML", []),
        library("HadalText", []),
        testable("HadalRouting", ["HadalJSON"]),
        testable(
            "HadalReleases",
            [
                "HadalState", "HadalJSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        testable("HadalState", [.product(name: "GRDB", package: "GRDB.swift")]),
        testable(
            "HadalAlerts",
            [
                "HadalJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        testable(
            "HadalUpstreams",
            [
                "HadalWire", "HadalJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        testable(
            "HadalConfiguration", ["HadalRouting", "HadalJSON", .product(name: "Yams", package: "Yams")],
            isOptimized: false),
        library(
            "HadalWorker",
            [
                "HadalEngine", "HadalGrammar", "HadalModels", "HadalCompute", "HadalTemplates", "HadalTokenization",
                "HadalCheckpoint", "HadalCertificates", "HadalHTTP", "HadalWire", "HadalJSON",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        testable(
            "HadalHTTP",
            [
                "HadalWire", "HadalJSON",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        testable("HadalPlan", ["HadalModels", "HadalCompute", "HadalCheckpoint", "HadalJSON"]),
        library("HadalWire", ["HadalJSON"]),
        testable(
            "HadalPull",
            [
                "HadalStore", "HadalJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        testable(
            "HadalObjects",
            [
                "CZstd",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        testable(
            "HadalBundle", ["HadalStore", "HadalJSON", "CZstd", .product(name: "Crypto", package: "swift-crypto")]),
        testable(
            "HadalReplicas",
            [
                "HadalObjects", "HadalSecrets", "HadalStore", "HadalJSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        library(
            "HadalEngine",
            [
                "HadalCUDA", "HadalGrammar", "HadalModels", "HadalTemplates", "HadalTokenization", "HadalCompute",
                "HadalCheckpoint",
                "HadalStore", "HadalJSON",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        library("HadalModels", ["HadalCompute", "HadalTokenization", "HadalCheckpoint", "HadalJSON"]),
        library(
            "HadalCUDA",
            [
                "HadalCompute", "HadalCheckpoint", "HadalCUDAKernels",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // Only the kernels' texts are compiled here: a card's own compiler makes the rest of them.
        .target(
            name: "HadalCUDAKernels",
            exclude: [
                "activations.cuh", "attention.cu", "attention.cuh", "blocks.cuh", "cache.cu", "experts.cu",
                "grouped.cu", "heads.cu", "latent.cu", "machine.cuh", "numbers.cuh", "products.cu", "products.cuh",
                "products_64.cu", "products_wide.cu", "rows.cu", "tiles.cuh", "weights.cuh",
            ]),
        library("HadalCompute", ["HadalCheckpoint", "HadalKernels"]),
        library("HadalTemplates", ["HadalJSON"]),
        library("HadalTokenization", ["HadalCheckpoint", "HadalJSON"]),
        library("HadalCheckpoint", ["HadalKernels", "HadalJSON"]),
        testable("HadalStore", ["HadalJSON", "HadalSecrets", .product(name: "Crypto", package: "swift-crypto")]),
        library("HadalGrammar", ["HadalText", "HadalJSON"]),
        library("HadalJSON", []),
        // The kernels are optimised in every configuration, so that debug builds stay usable. A product and a sum are
        // fused only where the source says fma: the compiler's choice would change the bits between builds.
        // Vectors of 64 bytes are passed only between inlined functions, which psABI's warning does not know.
        .target(
            name: "HadalKernels",
            cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-Wno-psabi"])]),
        .target(
            name: "TestSupport", dependencies: ["HadalCheckpoint"], path: "Tests/TestSupport", swiftSettings: swift),
        tests("HadalJSON", ["HadalJSON"]),
        tests("HadalGrammar", ["HadalGrammar", "HadalTokenization", "HadalCheckpoint", "HadalJSON"]),
        tests("HadalCheckpoint", ["HadalCheckpoint", "HadalJSON"], isOptimized: true),
        tests(
            "HadalTokenization", ["HadalTokenization", "HadalCheckpoint", "HadalJSON"], resources: [.copy("Fixtures")]),
        tests("HadalTemplates", ["HadalTemplates", "HadalJSON"], resources: [.copy("Fixtures")]),
        tests("HadalCompute", ["HadalCompute", "HadalCheckpoint", "HadalKernels"], isOptimized: true),
        tests(
            "HadalModels", ["HadalModels", "HadalTokenization", "HadalCompute", "HadalCheckpoint", "HadalJSON"],
            isOptimized: true, exclude: ["Fixtures"]),
        tests(
            "HadalEngine",
            [
                "HadalBench", "HadalEngine", "HadalGrammar", "HadalModels", "HadalTemplates", "HadalTokenization",
                "HadalCompute", "HadalCheckpoint", "HadalStore", "HadalJSON",
                .product(name: "Crypto", package: "swift-crypto"),
            ], isOptimized: true),
        tests(
            "HadalTracing",
            [
                "HadalTracing", "HadalJSON",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], exclude: ["otlp_parser.py"]),
        tests("HadalLogs", ["HadalLogs", "HadalJSON", .product(name: "Logging", package: "swift-log")]),
        tests(
            "HadalEval",
            [
                "HadalEval", "HadalClient", "HadalWire", "HadalJSON",
                .product(name: "Hummingbird", package: "hummingbird"),
            ]),
        tests(
            "HadalLoad",
            ["HadalLoad", "HadalClient", "HadalJSON", .product(name: "Hummingbird", package: "hummingbird")]),
        tests(
            "HadalStore",
            ["HadalStore", "HadalSecrets", "HadalJSON", .product(name: "Crypto", package: "swift-crypto")]),
        probe("PullProbe", ["HadalPull", "HadalStore"]),
        tests(
            "HadalPull",
            [
                "HadalPull", "HadalSecrets", "HadalStore", "HadalCheckpoint", "HadalJSON", "PullProbe", "Hadal",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        probe("ObjectProbe", ["HadalObjects", .product(name: "Crypto", package: "swift-crypto")]),
        tests(
            "HadalObjects",
            [
                "HadalObjects", "ObjectProbe",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], exclude: ["moto_server.py", "signer.py"]),
        probe("BundleProbe", ["HadalBundle", "HadalStore"]),
        tests(
            "HadalBundle",
            [
                "HadalBundle", "HadalStore", "HadalJSON", "CZstd", "BundleProbe",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        probe("ReplicaProbe", ["HadalReplicas", "HadalObjects", "HadalSecrets", "HadalStore"]),
        tests(
            "HadalReplicas",
            [
                "HadalReplicas", "HadalObjects", "HadalSecrets", "HadalStore", "HadalJSON", "ReplicaProbe",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests(
            "HadalPlan",
            ["HadalPlan", "HadalBench", "HadalModels", "HadalCompute", "HadalCheckpoint", "HadalJSON"]),
        probe("BackupProbe", ["HadalBackup", "HadalObjects", .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "HadalBackup",
            [
                "HadalBackup", "HadalObjects", "HadalSecrets", "HadalJSON", "BackupProbe",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests("HadalWire", ["HadalReport", "HadalWire", "HadalJSON"]),
        tests(
            "HadalAccess",
            [
                "HadalAccess", "HadalState", "HadalJSON",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["Field"]),
        tests(
            "HadalCertificates",
            [
                "HadalCertificates", "HadalHTTP", "HadalWire", "HadalJSON",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "HadalSecrets",
            [
                "HadalSecrets", "HadalPKCS11", "HadalJSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests("HadalConfiguration", ["HadalConfiguration", "HadalRouting", "HadalJSON"]),
        tests("HadalNVML", ["HadalNVML"], exclude: ["fake_nvml.c"]),
        tests("HadalText", ["HadalText"]),
        tests("HadalRouting", ["HadalRouting", "HadalJSON"]),
        tests(
            "HadalReleases",
            [
                "HadalReleases", "HadalState", "HadalJSON",
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["Field"]),
        tests("HadalState", ["HadalState", .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "HadalUpstreams",
            [
                "HadalUpstreams", "HadalWire", "HadalJSON",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests(
            "HadalAudit",
            [
                "HadalAudit", "HadalSecrets", "HadalJSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests(
            "HadalAlerts",
            [
                "HadalAlerts", "HadalJSON",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], exclude: ["mail_server.py"]),
        tests("HadalFirewall", ["HadalFirewall", "HadalText", "HadalJSON"]),
        tests("HadalPrivacy", ["HadalPrivacy", "HadalText", "HadalJSON"]),
        tests("HadalRules", ["HadalRules", "HadalText", "HadalJSON"]),
        probe("TerminalProbe", ["HadalTerminal"]),
        tests("HadalTerminal", ["HadalTerminal", "TerminalProbe", "Hadal"]),
        tests(
            "Serving",
            [
                "HadalEngine", "HadalCheckpoint", "HadalAudit", "HadalFirewall", "HadalPrivacy", "HadalReleases",
                "HadalRouting", "HadalRules", "HadalText", "HadalUpstreams",
                "HadalAccess", "HadalCertificates", "HadalGateway", "HadalConfiguration", "HadalSecrets", "HadalWorker",
                "HadalDashboards", "HadalHTTP", "HadalNVML", "HadalClient", "HadalWire", "HadalGrammar", "HadalJSON",
                "Hadal",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: [
                "requirements.txt", "peer-requirements.txt", "openai_client.py", "anthropic_client.py",
                "ollama_client.py",
                "langchain_client.py", "metrics_parser.py", "specification.py", "openid_provider.py",
                "access_client.py",
            ]),
        tests(
            "HadalWorker",
            [
                "HadalWorker", "HadalEngine", "HadalGrammar", "HadalTemplates", "HadalTokenization", "HadalWire",
                "HadalCheckpoint", "HadalJSON",
            ]),
    ]
)

// The emulated card's tests, in a process of their own: `make test-cuda`.
if Context.environment["HADAL_CUDA_TESTS"] != nil {
    package.targets += [
        // The same kernels on the processor, and what NVIDIA's libraries would do.
        .target(
            name: "CUDAEmulator", path: "Tests/CUDAEmulator", cxxSettings: [.unsafeFlags(["-O2", "-std=c++20"])]),
        tests(
            "HadalCUDA",
            [
                "HadalCUDA", "CUDAEmulator", "HadalEngine", "HadalModels", "HadalCompute", "HadalCheckpoint",
                "HadalJSON",
            ],
            isOptimized: true),
    ]
}
