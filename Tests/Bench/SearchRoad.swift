import Bytes
import Engine
import Glibc
import JSON
import Store

/// Members who are searched by parts of their names and phone numbers: how long it takes, and what
/// the indexes by words weigh and cost when rows are written.
struct SearchRoad {
    let memberCount: Int

    private static let files = ["members", "identities"]

    /// The schema, with indexes by words or without.
    private static func schema(isIndexed: Bool) -> String {
        let index = isIndexed ? " @index(kind: TEXT)" : ""
        return """
            type Member @table(idPrefix: "mem") {
              name: String!\(index)
              identities: [Identity!]! @relation(inverse: "member")
            }
            type Identity @table(idPrefix: "idn", shardBy: "member") {
              member: Member! @relation(onDelete: CASCADE)
              value: String!\(index)
            }
            """
    }

    func run(wants: (String) -> Bool) throws {
        let folder = "/tmp/tessera-search-\(getpid())"
        var phones: [String] = []
        try write(to: folder, phones: &phones)
        defer {
            for name in SearchRoad.files { unsafe unlink("\(folder)/\(name).ndjson") }
            unsafe rmdir(folder)
        }
        let plain = try load(folder, isIndexed: false)
        let indexed = try load(folder, isIndexed: true)
        let weight = indexed.store.bytesInUse - plain.store.bytesInUse
        print(
            """
            \(memberCount) members, each with a name and a phone number: indexes by words add \
            \(weight / memberCount) bytes to \(plain.store.bytesInUse / memberCount) a member

            """)
        print(Measurement.heading)
        for benchmark in try searches(indexed, phones) where wants(benchmark.name) {
            print(benchmark.measure().line)
        }
        for (name, context) in [("insert, no words", plain), ("insert, words", indexed)]
        where wants("insert") {
            print(inserts(name, context).measure().line)
        }
    }

    // MARK: Questions

    private func searches(_ context: EngineContext, _ phones: [String]) throws -> [Benchmark] {
        let road = try RequestRoad(context)
        var random = SeededRandom(seed: 7)
        let names = (0..<1024).map { _ in Self.name(&random) }
        func benchmark(
            _ name: String, selection: String = "nodes { id name }",
            _ filter: (Int) -> String
        ) -> Benchmark {
            let bodies = Bodies()
            for number in 0..<1024 {
                bodies.append(
                    """
                    query($filter: MemberFilter) {
                      members(first: 20, filter: $filter) { \(selection) } }
                    """, "{\"filter\":\(filter(number))}")
            }
            return Benchmark(name) { unsafe road.answer(bodies[$0 % bodies.count]) }
        }
        func words(_ text: String) -> String {
            "{\"name\":{\"search\":\(JSONValue.string(text).description)}}"
        }
        func digits(_ text: String) -> String {
            "{\"identities\":{\"some\":{\"value\":{\"search\":\"\(text)\"}}}}"
        }
        func part(_ number: Int, _ count: Int) -> String {
            String(phones[number % phones.count].filter(\.isNumber).suffix(count + 1).prefix(count))
        }
        let count = "totalCount nodes { id name }"
        return [
            benchmark("name, whole") { words(names[$0]) },
            benchmark("name, whole, counted", selection: count) { words(names[$0]) },
            benchmark("name, beginnings") { number in
                words(
                    names[number].split(separator: " ").map { String($0.prefix(4)) }
                        .joined(separator: " "))
            },
            benchmark("family name") { words(String(names[$0].split(separator: " ").last ?? "a")) },
            benchmark("family name, counted", selection: count) {
                words(String(names[$0].split(separator: " ").last ?? "a"))
            },
            benchmark("three letters") { words(String(names[$0].prefix(3))) },
            benchmark("three letters, counted", selection: count) {
                words(String(names[$0].prefix(3)))
            },
            benchmark("Chinese name") { number in words(Self.chineseName(number * 7919)) },
            benchmark("phone, whole") { digits(phones[$0 % phones.count]) },
            benchmark("phone, 6 digits") { digits(part($0, 6)) },
            benchmark("phone, 5 digits") { digits(part($0, 5)) },
            benchmark("phone, 5 d., counted", selection: count) { digits(part($0, 5)) },
            benchmark("phone, 4 digits") { digits(part($0, 4)) },
            benchmark("phone, 3 digits") { digits(part($0, 3)) },
            benchmark("name or phone") { number in
                "{\"or\":[\(words(names[number])),\(digits(part(number, 6)))]}"
            },
            benchmark("nobody") { words("nobody\($0)") },
        ]
    }

    // MARK: Writing

    /// Members with an identity each, a hundred in a group.
    private func inserts(_ name: String, _ context: EngineContext) -> Benchmark {
        let groupSize = 100
        var random = SeededRandom(seed: 99)
        var next = memberCount
        guard let members = context.model.table(named: "Member")?.id,
            let identities = context.model.table(named: "Identity")?.id
        else { fatalError("the schema has these tables") }
        let member = context.store.makeRowBuilder(members)
        let identity = context.store.makeRowBuilder(identities)
        let system = TableDefinition.systemColumns.count
        func set(_ text: String, _ column: ColumnID, of row: RowBuilder) {
            var text = text
            text.withUTF8 { unsafe row.set(column, bytes: UnsafeRawBufferPointer($0)) }
        }
        return Benchmark(name, items: (groupSize, "members")) { _ in
            do {
                try context.store.write(now: Club.now) { group in
                    for _ in 0..<groupSize {
                        next += 1
                        let place = next
                        let text = Self.name(&random)
                        let phone = Self.phone(&random)
                        try group.transaction { transaction in
                            member.reset()
                            set("\(place)", TableDefinition.idColumn, of: member)
                            set(text, system, of: member)
                            let owner = try transaction.insert(members, member)
                            identity.reset()
                            set("\(place)", TableDefinition.idColumn, of: identity)
                            identity.set(system, reference: owner)
                            set(phone, system + 1, of: identity)
                            _ = try transaction.insert(identities, identity)
                        }
                    }
                }
            } catch { fatalError("\(error)") }
            return 0
        }
    }

    private func load(_ folder: String, isIndexed: Bool) throws -> EngineContext {
        let model = try buildModel([
            SchemaFile(
                path: "search.graphql", bytes: Array(Self.schema(isIndexed: isIndexed).utf8))
        ])
        let store = Store(model.storeDefinition, seed: 42)
        let start = nanoseconds(CLOCK_MONOTONIC)
        let summary = try Importer(model: model, store: store, now: Club.now).load(folder: folder)
        let time = nanoseconds(CLOCK_MONOTONIC) - start
        guard summary.refused == 0 else { throw BenchError("rows were refused") }
        print("import \(isIndexed ? "with" : "without") words: \(time / 1_000_000) ms")
        return EngineContext(model: model, store: store)
    }

    private func write(to folder: String, phones: inout [String]) throws(BenchError) {
        unsafe mkdir(folder, 0o755)
        var random = SeededRandom(seed: 0x5EA8_C401)
        let members = try LineFile("\(folder)/members.ndjson")
        let identities = try LineFile("\(folder)/identities.ndjson")
        for member in 1...memberCount {
            let name = member % 10 == 0 ? Self.chineseName(member) : Self.name(&random)
            members.line(("id", .text("mem_\(member)")), ("name", .text(name)))
            let phone = Self.phone(&random)
            if member % 97 == 0 { phones.append(phone) }
            identities.line(
                ("id", .text("idn_\(member)")), ("member", .text("mem_\(member)")),
                ("value", .text(phone)))
        }
        try members.close()
        try identities.close()
    }

    // MARK: Names

    /// Some names are borne by many and most by few, as in life.
    private static func name(_ random: inout SeededRandom) -> String {
        let given = skewed(&random, 400)
        let family = skewed(&random, 20_000)
        return "\(word(given, 2)) \(word(family, 3))"
    }

    private static func skewed(_ random: inout SeededRandom, _ count: Int) -> Int {
        let share = Double(random.below(1 << 20)) / Double(1 << 20)
        return Int(share * share * Double(count))
    }

    private static let heads = ["K", "L", "M", "S", "T", "R", "B", "D", "H", "N", "P", "V", "J"]
    private static let middles = ["a", "e", "i", "o", "u", "ar", "en", "il", "or", "ø"]
    private static let joints = ["l", "n", "r", "s", "t", "nd", "rk", "st", "v", "m"]

    /// A name that a number stands for, of so many syllables.
    private static func word(_ number: Int, _ syllables: Int) -> String {
        var rest = number
        func take(_ parts: [String]) -> String {
            let part = parts[rest % parts.count]
            rest /= parts.count
            return part
        }
        var word = take(heads) + take(middles)
        for _ in 1..<syllables { word += take(joints) + take(middles) }
        return word + (rest > 0 ? take(["sen", "man", "berg", "lund"]) : "")
    }

    private static func chineseName(_ number: Int) -> String {
        var random = SeededRandom(seed: UInt64(number))
        return String(
            String.UnicodeScalarView(
                [60, 800, 800].compactMap { Unicode.Scalar(UInt32(0x4E00 + random.below($0))) }))
    }

    private static func phone(_ random: inout SeededRandom) -> String {
        func digits(_ count: Int) -> String {
            (0..<count).reduce(into: "") { text, _ in text += "\(random.below(10))" }
        }
        return "+47 \(digits(3)) \(digits(2)) \(digits(3))"
    }
}
