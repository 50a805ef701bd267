import Bytes
import JSON

/// The life of the club, from its first member to ``SampleClub/now``.
struct SamplePlay {
    /// Something that somebody does. Numbers are places in the play's lists.
    private enum Scene {
        case enroll(Int)
        /// What becomes of the welcome.
        case read(Int)
        /// Applies for a membership and pays the fee.
        case apply(Int)
        case renew(Int)
        case buy(Int)
        case redeem(Int)
        case topUp(Int)
        case answer(Int)
        case suspend(Int)
        case plan(Int)
        case register(Int, event: Int)
        case withdraw(Int, event: Int)
        case comeTo(Int, event: Int)
        case callOff(Int)
        case close(Int)
    }

    struct Person {
        let name: SampleName
        let isOrganisation: Bool
        let joinedAt: Int64
        let home: Int
        /// Purchases in a year.
        let appetite: Int
        /// After this the person does nothing any more.
        let lastSeen: Int64
        var id = ""
        var membership: String?
        var type = 0
        var coupon: String?
        var welcome: String?
        var hasWallet = false
        /// Tickets by event.
        var tickets: [Int: (registration: String, ticket: String)] = [:]
    }

    let organisation: SampleOrganisation
    let made: SampleFoundation
    let stage: SampleStage
    var random = SeededRandom(seed: 0xC1_0B)
    var people: [Person] = []
    var events: [String] = []
    private var scenes: [(time: Int64, order: Int, scene: Scene)] = []
    var orderCount = 0

    init(
        _ organisation: SampleOrganisation, _ made: SampleFoundation, memberCount: Int,
        on stage: SampleStage
    ) {
        self.organisation = organisation
        self.made = made
        self.stage = stage
        events = Array(repeating: "", count: organisation.events.count)
        for _ in 0..<memberCount { people.append(person()) }
        people.sort { $0.joinedAt < $1.joinedAt }
        for place in organisation.events.indices { plan(event: place) }
        for place in people.indices { plan(person: place) }
        // What happens at the same moment happens in the order in which it was thought of.
        scenes.sort { ($0.time, $0.order) < ($1.time, $1.order) }
    }

    mutating func run() throws(SampleClubError) {
        for (time, _, scene) in scenes where time < SampleClub.now {
            stage.advance(to: time)
            try play(scene)
        }
        stage.advance(to: SampleClub.now)
        try finish()
    }

    // MARK: Planning

    private mutating func person() -> Person {
        let isOrganisation = random.chance(percent: 3)
        let name =
            isOrganisation ? SampleNames.organisation(&random) : SampleNames.person(&random)
        let from = SampleDay(year: 2023, month: 1, day: 3).number * dayMilliseconds
        let joinedAt = random.time(from: from, to: SampleClub.now - 30 * dayMilliseconds)
        let idleDays =
            random.chance(percent: 70) ? 0 : random.number(in: 60...400)
        return Person(
            name: name, isOrganisation: isOrganisation, joinedAt: joinedAt,
            home: home(name.language), appetite: random.pick([2, 4, 4, 6, 9]),
            lastSeen: max(
                joinedAt + 20 * dayMilliseconds,
                SampleClub.now - Int64(idleDays) * dayMilliseconds))
    }

    /// Most people live where their language is spoken.
    private mutating func home(_ language: String) -> Int {
        let currency = ["zh": "CNY", "ja": "JPY", "de": "EUR", "el": "EUR", "pt": "BRL"][language]
        let near = organisation.localChapters.filter {
            organisation.chapters[$0].currency == currency
        }
        return random.pick(
            near.isEmpty || random.chance(percent: 20) ? organisation.localChapters : near)
    }

    private mutating func add(_ scene: Scene, at time: Int64) {
        scenes.append((time, scenes.count, scene))
    }

    private mutating func plan(event place: Int) {
        let event = organisation.events[place]
        add(.plan(place), at: event.opensAt)
        switch event.fate {
        case .neverPublished: return
        case .cancelled: add(.callOff(place), at: event.startsAt - 5 * dayMilliseconds)
        case .held: add(.close(place), at: event.endsAt + 3_600_000)
        }
    }

    private mutating func plan(person place: Int) {
        let person = people[place]
        add(.enroll(place), at: person.joinedAt)
        add(.read(place), at: person.joinedAt + Int64(place % 40 + 2) * 3_600_000)
        if random.chance(percent: 85) {
            add(.apply(place), at: person.joinedAt + 3_600_000)
            for year in 1...4 where random.chance(percent: 78) {
                // Some days before the year is over, or some days after.
                let day = Int64(365 * year - random.number(in: -20...25))
                let time = person.joinedAt + day * dayMilliseconds
                if time < person.lastSeen { add(.renew(place), at: time) }
            }
        }
        let days = Int((person.lastSeen - person.joinedAt) / dayMilliseconds)
        for _ in 0..<max(1, person.appetite * days / 365) {
            let time = random.time(from: person.joinedAt + 7_200_000, to: person.lastSeen)
            let kind = random.below(100)
            switch kind {
            case ..<78: add(.buy(place), at: time)
            case ..<88: add(.redeem(place), at: time)
            case ..<92: add(.topUp(place), at: time)
            default: add(.answer(place), at: time)
            }
        }
        for _ in 0..<random.below(5) { planEvent(of: place) }
        if random.chance(percent: 3) {
            add(.suspend(place), at: person.lastSeen + dayMilliseconds)
        }
    }

    /// A visit to some event that opens while the person is there.
    private mutating func planEvent(of place: Int) {
        let person = people[place]
        let open = organisation.events.indices.filter {
            let event = organisation.events[$0]
            return event.fate != .neverPublished && event.startsAt > person.joinedAt
                && event.opensAt < person.lastSeen
        }
        guard !open.isEmpty else { return }
        let event = random.pick(open)
        let details = organisation.events[event]
        let time = random.time(
            from: max(details.opensAt, person.joinedAt) + 3_600_000,
            to: details.startsAt - 3_600_000)
        add(.register(place, event: event), at: time)
        switch random.below(10) {
        case 0: add(.withdraw(place, event: event), at: (time + details.startsAt) / 2)
        case 1: break
        default:
            add(.comeTo(place, event: event), at: details.startsAt - 600_000 + Int64(place))
        }
    }

    // MARK: Playing

    private mutating func play(_ scene: Scene) throws(SampleClubError) {
        switch scene {
        case .enroll(let place): try enroll(place)
        case .read(let place): try read(place)
        case .apply(let place): try apply(place)
        case .renew(let place): try renew(place)
        case .buy(let place): try buy(place)
        case .redeem(let place): try redeem(place)
        case .topUp(let place): try topUp(place)
        case .answer(let place): try answer(place)
        case .suspend(let place):
            try stage.run(
                "suspendMember",
                ["id": .string(people[place].id), "reason": "a bill that was not paid"], "")
        case .plan(let place): try planned(place)
        case .register(let place, let event): try register(place, event)
        case .withdraw(let place, let event): try withdraw(place, event)
        case .comeTo(let place, let event): try come(place, event)
        case .callOff(let place):
            try stage.run(
                "cancelEvent",
                ["id": .string(events[place]), "reason": "The room is under water."], "")
        case .close(let place):
            try stage.run("closeEvent", ["id": .string(events[place])], "")
        }
    }
}
