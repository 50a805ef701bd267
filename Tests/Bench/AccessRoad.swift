import Engine
import Glibc

/// What row rules cost: queries of viewers of whom the schema says which rows they see, beside the
/// same ones of an administrator, whose plans know of no rules.
///
/// Both answers are as long. They take turns, so that whatever else the machine does slows both.
struct AccessRoad {
    private let club: Club

    init(_ club: Club) {
        self.club = club
    }

    /// Two ways to ask for the same rows.
    private struct Pair {
        let name: String
        let query: String
        let variables: [String]
        /// Who asks for the variables of the same place; one viewer stands for all.
        let viewers: [Viewer]
    }

    func run(_ options: BenchOptions) throws {
        print("                         admin ns     role ns     ratios of the rounds")
        for pair in try pairs() where options.wants(pair.name) {
            let bodies = Bodies()
            for variables in pair.variables { bodies.append(pair.query, variables) }
            print(try measured(pair, bodies))
        }
    }

    private func pairs() throws -> [Pair] {
        let ids = club.memberIDs.prefix(1 << 14)
        let variables = ids.map { "{\"id\":\"\($0)\"}" }
        let members = ids.map { Viewer(role: "member", name: "key", memberID: $0) }
        let staff = [Viewer(role: "staff", name: "key", staffID: "staff_1")]
        let manager = [Viewer(role: "manager", name: "key", staffID: "staff_2")]
        let pages = ["{\"offset\":0}"]
        let q1 = try club.query("q1")
        let q2 = try club.query("q2")
        let q3 = try club.query("q3")
        return [
            Pair(name: "q1 members", query: q1, variables: variables, viewers: members),
            Pair(
                name: "q1 one member", query: q1, variables: Array(variables.prefix(1)),
                viewers: Array(members.prefix(1))),
            Pair(name: "q1 staff", query: q1, variables: variables, viewers: staff),
            Pair(name: "q1 manager, no rules", query: q1, variables: variables, viewers: manager),
            Pair(name: "q2 staff", query: q2, variables: pages, viewers: staff),
            Pair(name: "q2 manager, no rules", query: q2, variables: pages, viewers: manager),
            Pair(name: "q3 staff", query: q3, variables: pages, viewers: staff),
            Pair(name: "q3 manager, no rules", query: q3, variables: pages, viewers: manager),
        ]
    }

    private func measured(_ pair: Pair, _ bodies: Bodies) throws -> String {
        let road = try RequestRoad(club.context)
        for number in 0..<min(bodies.count, 1000) {
            let viewer = pair.viewers[number % pair.viewers.count]
            guard unsafe road.answer(bodies[number]) == road.answer(bodies[number], viewer: viewer)
            else { throw BenchError("\(pair.name): the role gets another answer") }
        }
        func nanosecondsEach(_ count: Int, _ viewers: [Viewer]) -> Double {
            let start = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
            for number in 0..<count {
                let place = number % bodies.count
                _ = unsafe road.answer(bodies[place], viewer: viewers[place % viewers.count])
            }
            return Double(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start) / Double(count)
        }
        _ = nanosecondsEach(bodies.count, pair.viewers)
        let count = Int(100_000_000 / nanosecondsEach(bodies.count, [.unrestricted])) + 1
        var admin: [Double] = []
        var role: [Double] = []
        for _ in 0..<9 {
            admin.append(nanosecondsEach(count, [.unrestricted]))
            role.append(nanosecondsEach(count, pair.viewers))
        }
        let ratios = zip(role, admin).map { $0 / $1 }.sorted()
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        func fixed(_ ratio: Double) -> String {
            let hundredths = Int((ratio * 100).rounded())
            return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
        }
        return pair.name + padded("\(Int(admin.sorted()[4]))", 33 - pair.name.count)
            + padded("\(Int(role.sorted()[4]))", 12)
            + "     \(fixed(ratios[4])), from \(fixed(ratios[0])) to \(fixed(ratios[8]))"
    }
}
