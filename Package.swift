// swift-tools-version: 6.2
import PackageDescription

/// Set by `Tests/Fuzz/run.sh`, which builds into a folder of its own: only then does the package
/// have the fuzz targets, and only then is every target instrumented for them.
let isFuzzing = Context.environment["TESSERA_FUZZ"] == "1"

/// Every target is built alike: Swift 6 language mode, strict memory safety, and in release
/// cross-module optimisation, because the hot road of a query crosses five targets.
let settings: [SwiftSetting] =
    [.swiftLanguageMode(.v6), .strictMemorySafety()]
    + (isFuzzing
        ? [
            .unsafeFlags([
                // Swift heeds the last of these options only, and the package manager puts the ones
                // it was given in any order.
                "-sanitize=fuzzer,address",
                "-sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp",
                "-assert-config", "Debug", "-enable-testing",
            ])
        ]
        : [
            .unsafeFlags(
                ["-cross-module-optimization", "-enforce-exclusivity=unchecked"],
                .when(configuration: .release))
        ])

func room(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [])
    -> Target
{
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func proof(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// An executable whose `main` is libFuzzer's; the build's option `--sanitize fuzzer` makes room
/// for it.
func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Tests/Fuzz/\(name)",
        swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])])
}

let package = Package(
    name: "tessera",
    products: [.executable(name: "tessera", targets: ["tessera"])],
    targets: [
        // Level 0
        .systemLibrary(name: "CLinux"),
        room("Bytes"),
        // Level 1
        room("JSON", ["Bytes"]),
        room("GraphQLLanguage", ["Bytes"]),
        room("HTTP", ["Bytes", "CLinux"]),
        // Level 2
        room("GraphQL", ["GraphQLLanguage", "JSON", "Bytes"]),
        room("Store", ["JSON", "Bytes"]),
        // Level 3
        room("Engine", ["GraphQL", "GraphQLLanguage", "Store", "JSON", "Bytes"]),
        // Level 4
        room("Membership", ["Engine", "GraphQL", "Store", "JSON", "Bytes"]),
        // Level 5
        room(
            "TesseraServer",
            [
                "Membership", "Engine", "GraphQL", "GraphQLLanguage", "Store", "HTTP", "JSON",
                "Bytes",
            ]
        ),
        // Level 6
        .executableTarget(
            name: "tessera", dependencies: ["TesseraServer"], swiftSettings: settings),

        proof("BytesTests", ["Bytes"]),
        proof("JSONTests", ["JSON", "Bytes"]),
        proof("GraphQLLanguageTests", ["GraphQLLanguage", "Bytes"]),
        proof("HTTPTests", ["HTTP", "Bytes", "CLinux"]),
        proof("GraphQLTests", ["GraphQL", "GraphQLLanguage", "JSON", "Bytes"]),
        .target(
            name: "SimulatedDisk", dependencies: ["Store", "Bytes"], path: "Tests/SimulatedDisk",
            swiftSettings: settings),
        .executableTarget(
            name: "Simulation", dependencies: ["SimulatedDisk", "Store", "JSON", "Bytes"],
            path: "Tests/Simulation", swiftSettings: settings),
        proof("StoreTests", ["Store", "SimulatedDisk", "Simulation", "JSON", "Bytes"]),
        proof(
            "EngineTests",
            ["Membership", "Engine", "GraphQL", "GraphQLLanguage", "Store", "JSON", "Bytes"]),
        proof(
            "MembershipTests",
            ["Membership", "Engine", "Store", "GraphQL", "GraphQLLanguage", "JSON", "Bytes"]),
        proof(
            "TesseraServerTests",
            [
                "TesseraServer", "Membership", "Engine", "GraphQL", "Store", "HTTP", "JSON",
                "Bytes",
                "tessera",
            ]),
        .target(name: "CAllocations", path: "Tests/Bench/CAllocations"),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Membership", "Engine", "GraphQL", "GraphQLLanguage", "Store", "JSON", "Bytes",
                "CAllocations",
            ],
            path: "Tests/Bench",
            exclude: [
                "CAllocations", "club", "cold", "rules", "append-sync.py", "compare-duckdb.py",
                "compare-duckdb.sh", "compare-nginx.sh", "compare-nginx.lua", "export-load.sh",
                "compare-postgres.sh", "library.sh", "earn-points.lua", "earn-points.py",
                "earn-points.sh", "mixed-load.sh", "mutations.lua",
            ],
            swiftSettings: settings),
        .executableTarget(name: "Load", path: "Tests/Load", swiftSettings: settings),
    ]
)

if isFuzzing {
    package.targets += [
        fuzz("FuzzParser", ["GraphQLLanguage"]),
        fuzz("FuzzValidator", ["GraphQL", "GraphQLLanguage"]),
        fuzz("FuzzSchema", ["GraphQL", "GraphQLLanguage"]),
        fuzz("FuzzJSON", ["JSON", "Bytes"]),
        fuzz("FuzzHTTP", ["HTTP", "Bytes"]),
        fuzz("FuzzCanary", ["GraphQLLanguage"]),
    ]
}
