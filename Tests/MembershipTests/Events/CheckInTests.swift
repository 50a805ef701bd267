import Testing

@testable import Membership

private let hour: Int64 = 3_600_000

struct CheckInTests {
    private var rules = EventRules(startsAt: 10 * hour, endsAt: 14 * hour)
    private var registration = Registration(
        key: 1, member: 2, status: .registered, registeredAt: 0, seq: 1)

    private func decide(
        _ direction: CheckInDirection = .entry, nonce: String = "n", at: Int64 = 11 * hour,
        force: Bool = false, log: [CheckIn] = [], status: RegistrationStatus = .registered,
        rules: EventRules? = nil, now: Int64? = nil
    ) -> Result<CheckInDecision, EventRefusal> {
        var registration = registration
        registration.status = status
        let scan = ScanRequest(direction: direction, nonce: nonce, at: at, isForced: force)
        do throws(EventRefusal) {
            return .success(
                try CheckIn.decide(
                    scan, registration, log: log, rules: rules ?? self.rules, at: now ?? at))
        } catch {
            return .failure(error)
        }
    }

    private let first = CheckIn(at: 10 * hour, direction: .entry, nonce: "a")
    private let left = CheckIn(at: 11 * hour, direction: .exit, nonce: "b")

    @Test func `the first entry makes a registration attended`() {
        let entry = CheckIn(at: 11 * hour, direction: .entry, nonce: "n")
        #expect(decide() == .success(.admitted(entry, becomes: .attended)))
        #expect(decide(status: .attended) == .success(.admitted(entry, becomes: nil)))
        #expect(decide(status: .noShow) == .success(.admitted(entry, becomes: .attended)))
    }

    @Test func `the same scan twice is one scan`() {
        #expect(decide(nonce: "a", log: [first]) == .success(.replayed(first)))
        #expect(
            decide(nonce: "a", log: [left, first], status: .cancelled)
                == .success(.replayed(first)))
        #expect(decide(nonce: "", force: true) == .failure(.nonceMissing))
    }

    @Test func `I40 a ticket enters once unless it may enter again`() {
        #expect(decide(log: [first]) == .failure(.alreadyCheckedIn(at: 10 * hour)))
        #expect(decide(log: [left, first]) == .failure(.alreadyCheckedIn(at: 10 * hour)))
        var again = rules
        again.allowsReentry = true
        let entry = CheckIn(at: 11 * hour, direction: .entry, nonce: "n")
        let admitted = Result<CheckInDecision, EventRefusal>.success(
            .admitted(entry, becomes: nil))
        #expect(decide(log: [first, left], status: .attended, rules: again) == admitted)
        #expect(decide(log: [first], status: .attended, rules: again) == admitted)
    }

    @Test func `only who is inside can leave`() {
        #expect(decide(.exit) == .failure(.notInside))
        #expect(decide(.exit, log: [first, left]) == .failure(.notInside))
        let exit = CheckIn(at: 11 * hour, direction: .exit, nonce: "n")
        #expect(
            decide(.exit, log: [first], status: .attended)
                == .success(.admitted(exit, becomes: nil)))
    }

    @Test func `who has no seat says why`() {
        let table: [(RegistrationStatus, EventRefusal, RuleCode)] = [
            (.pendingPayment, .notPaid, .notPaid),
            (.awaitingApproval, .notApproved, .notApproved),
            (.rejected, .notApproved, .notApproved),
            (.waitlisted, .registration(from: .waitlisted), .invalidTransition),
            (.offered, .registration(from: .offered), .invalidTransition),
            (.cancelled, .registration(from: .cancelled), .invalidTransition),
            (.expired, .registration(from: .expired), .invalidTransition),
        ]
        for (status, refusal, code) in table {
            #expect(decide(status: status) == .failure(refusal))
            #expect(refusal.code == code)
        }
    }

    @Test func `an event that is off or not open takes no scans, a finished one for a while`() {
        var rules = rules
        rules.status = .cancelled
        #expect(decide(rules: rules) == .failure(.cancelled))
        rules.status = .draft
        #expect(decide(rules: rules) == .failure(.closed(.draft)))
        rules.status = .finished
        let end = 14 * hour + CheckIn.lateMilliseconds
        let entry = CheckIn(at: 11 * hour, direction: .entry, nonce: "n")
        #expect(
            decide(status: .noShow, rules: rules, now: end - 1)
                == .success(.admitted(entry, becomes: .attended)))
        #expect(decide(status: .noShow, rules: rules, now: end) == .failure(.closed(.finished)))
    }

    @Test func `a forced scan is written down whatever the rules say`() {
        let entry = CheckIn(at: 11 * hour, direction: .entry, nonce: "n")
        #expect(
            decide(force: true, log: [first], status: .attended)
                == .success(.admitted(entry, becomes: nil)))
        #expect(
            decide(force: true, status: .pendingPayment)
                == .success(.admitted(entry, becomes: nil)))
        var rules = rules
        rules.status = .cancelled
        #expect(
            decide(force: true, rules: rules)
                == .success(.admitted(entry, becomes: .attended)))
    }

    @Test func `a scan that was sent late is judged by when it was made`() {
        var waiting = registration
        waiting.status = .pendingPayment
        waiting.keptUntil = 11 * hour
        func error(at: Int64) -> EventRefusal? {
            do throws(EventRefusal) {
                _ = try CheckIn.decide(
                    ScanRequest(nonce: "n", at: at), waiting, log: [], rules: rules, at: 13 * hour)
                return nil
            } catch {
                return error
            }
        }
        #expect(error(at: 11 * hour - 1) == .notPaid)
        #expect(error(at: 11 * hour) == .registration(from: .expired))
    }
}
