import Bytes
import Glibc
import JSON

/// Makes up a club, the same each time: on average three registrations and ten entries a member.
struct ClubData {
    let memberCount: Int

    static let eventCount = 200
    static let cities = [
        "Aarhus", "Bergen", "Bordeaux", "Bremen", "Cork", "Gdansk", "Ghent", "Graz", "Leeds",
        "Leipzig", "Linz", "Lyon", "Malmö", "Nantes", "Oslo", "Porto", "Split", "Turin",
        "Utrecht", "Vilnius",
    ]

    private static let files = ["tiers", "events", "members", "registrations", "pointsEntries"]
    private static let thresholds: [Int64] = [0, 600, 1400, 2500, 3600]
    private static let tierNames = ["Basic", "Bronze", "Silver", "Gold", "Black"]
    private static let givenNames = [
        "Alma", "Bo", "Carl", "Dina", "Emil", "Fay", "Gus", "Hanna", "Ivo", "Jens", "Kira", "Lea",
        "Milo", "Nina", "Otto", "Pia", "Ravi", "Siri", "Timo", "Una",
    ]
    private static let familyNames = [
        "Adler", "Berg", "Costa", "Dahl", "Evans", "Ferrer", "Grant", "Holm", "Iversen", "Jung",
        "Klein", "Lund", "Meyer", "Nagy", "Olsen", "Perez", "Ritter", "Silva", "Toth", "Winter",
    ]
    private static let themes = ["Concert", "Debate", "Dinner", "Fair", "Match", "Talk", "Walk"]
    private static let reasons = [
        "purchase", "purchase", "purchase", "referral", "event_checkin", "event_checkin",
        "birthday_bonus", "adjustment",
    ]
    private static let registrationStates = [
        "confirmed", "confirmed", "confirmed", "waitlisted", "cancelled", "attended",
    ]
    /// The first moment of 2024, and the last of 2025.
    private static let beginning: Int64 = 1_704_067_200_000
    private static let end: Int64 = 1_767_225_599_000

    /// Writes a file for each table.
    /// - Returns: the number of rows.
    @discardableResult
    func write(to folder: String) throws(BenchError) -> Int {
        unsafe mkdir(folder, 0o755)
        var random = SeededRandom(seed: 0x7E55_E12A)
        var files: [LineFile] = []
        for name in ClubData.files { files.append(try LineFile(path(folder, name))) }
        writeTiers(files[0])
        writeEvents(files[1], &random)
        var entryCount = 0
        var registrationCount = 0
        for member in 1...memberCount {
            let joined = moment(
                &random, from: ClubData.beginning, to: ClubData.end - 31_536_000_000)
            let balance = writeEntries(files[4], &random, member, joined, &entryCount)
            writeMember(files[2], &random, member, joined, balance)
            writeRegistrations(files[3], &random, member, joined, &registrationCount)
        }
        for file in files { try file.close() }
        return 5 + ClubData.eventCount + memberCount + entryCount + registrationCount
    }

    /// Removes what ``write(to:)`` wrote.
    func remove(from folder: String) {
        for name in ClubData.files { unsafe unlink(path(folder, name)) }
        unsafe rmdir(folder)
    }

    private func path(_ folder: String, _ name: String) -> String { "\(folder)/\(name).ndjson" }

    private func writeTiers(_ file: LineFile) {
        for (place, name) in ClubData.tierNames.enumerated() {
            file.line(
                ("id", .text("\(place + 1)")), ("name", .text(name)),
                ("level", .number(Int64(place + 1))),
                ("threshold", .number(ClubData.thresholds[place])))
        }
    }

    private func writeEvents(_ file: LineFile, _ random: inout SeededRandom) {
        for number in 1...ClubData.eventCount {
            let city = random.pick(ClubData.cities)
            let theme = random.pick(ClubData.themes)
            file.line(
                ("id", .text("\(number)")), ("title", .text("\(theme) in \(city), no. \(number)")),
                ("startsAt", .time(moment(&random, from: ClubData.beginning, to: ClubData.end))),
                ("city", .text(city)), ("capacity", .number(Int64(10 + random.below(490)))),
                ("tierId", .text("\(1 + random.below(5))")))
        }
    }

    /// Writes the ledger of a member, oldest first.
    /// - Returns: the balance it ends with.
    private func writeEntries(
        _ file: LineFile, _ random: inout SeededRandom, _ member: Int, _ joined: Int64,
        _ entryCount: inout Int
    ) -> Int64 {
        let count = 1 + random.below(19)
        let step = (ClubData.end - joined) / Int64(count + 1)
        var at = joined
        var balance: Int64 = 0
        for _ in 0..<count {
            at = moment(&random, from: at + 1000, to: at + step)
            var delta = Int64(10 + random.below(490))
            var reason = random.pick(ClubData.reasons)
            if balance > 200, random.below(5) == 0 {
                delta = -Int64(10 + random.below(Int(balance) - 10))
                reason = "redemption"
            }
            balance += delta
            entryCount += 1
            file.line(
                ("id", .text("\(entryCount)")), ("memberId", .text("\(member)")),
                ("delta", .number(delta)), ("reason", .text(reason)), ("at", .time(at)),
                ("balance", .number(balance)))
        }
        return balance
    }

    private func writeMember(
        _ file: LineFile, _ random: inout SeededRandom, _ member: Int, _ joined: Int64,
        _ balance: Int64
    ) {
        let given = random.pick(ClubData.givenNames)
        let family = random.pick(ClubData.familyNames)
        let tier = ClubData.thresholds.count { $0 <= balance }
        file.line(
            ("id", .text("\(member)")), ("name", .text("\(given) \(family)")),
            ("email", .text("\(given).\(family).\(member)@example.org".lowercased())),
            ("phone", .text("+47-555-\(1_000_000 + random.below(9_000_000))")),
            ("joinedAt", .time(joined)), ("city", .text(random.pick(ClubData.cities))),
            ("pointsBalance", .number(balance)),
            ("status", .text(random.below(10) < 8 ? "active" : "paused")),
            ("tierId", .text("\(max(1, tier))")))
    }

    private func writeRegistrations(
        _ file: LineFile, _ random: inout SeededRandom, _ member: Int, _ joined: Int64,
        _ registrationCount: inout Int
    ) {
        for _ in 0..<random.below(7) {
            registrationCount += 1
            file.line(
                ("memberId", .text("\(member)")),
                ("eventId", .text("\(1 + random.below(ClubData.eventCount))")),
                ("status", .text(random.pick(ClubData.registrationStates))),
                ("at", .time(moment(&random, from: joined, to: ClubData.end))))
        }
    }

    /// A full second.
    private func moment(_ random: inout SeededRandom, from: Int64, to: Int64) -> Int64 {
        (from + Int64(random.below(Int(max(1000, to - from))))) / 1000 * 1000
    }
}

/// A file of JSON objects, one a line.
final class LineFile {
    enum Value {
        case text(String)
        case number(Int64)
        /// Milliseconds since 1970-01-01T00:00:00Z.
        case time(Int64)
    }

    private let path: String
    private let descriptor: CInt
    private let buffer = ByteBuffer(capacity: 2 * LineFile.blockBytes)
    private var hasFailed = false

    private static let blockBytes = 1 << 20

    init(_ path: String) throws(BenchError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw BenchError("\(path) cannot be written") }
    }

    func line(_ members: (key: StaticString, value: Value)...) {
        for (place, member) in members.enumerated() {
            buffer.append(place == 0 ? "{\"" : ",\"")
            buffer.append(member.key)
            buffer.append("\":")
            switch member.value {
            case .text(let text): buffer.appendJSONString(text)
            case .number(let number): buffer.appendInteger(number)
            case .time(let time):
                buffer.append("\"")
                buffer.appendDateTime(time)
                buffer.append("\"")
            }
        }
        buffer.append("}\n")
        if buffer.count >= LineFile.blockBytes { flush() }
    }

    func close() throws(BenchError) {
        flush()
        if Glibc.close(descriptor) != 0 || hasFailed {
            throw BenchError("\(path) cannot be written")
        }
    }

    private func flush() {
        var written = 0
        while written < buffer.count, !hasFailed {
            let count = unsafe write(
                descriptor, buffer.base + written, buffer.count - written)
            hasFailed = count < 0
            written += max(0, count)
        }
        buffer.removeAll()
    }
}
