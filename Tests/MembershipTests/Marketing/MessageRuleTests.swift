import Bytes
import Engine
import Testing

@testable import Membership

struct CampaignSplitTests {
    private func split(_ member: Int, _ campaign: String = "cmp_1") -> CampaignSplit {
        CampaignSplit(campaign: campaign, member: "mem_\(member)")
    }

    @Test func `I43: a member always gets the same version`() {
        for member in 0..<1_000 {
            let first = split(member)
            let again = split(member)
            #expect(first.variant(weights: [50, 50]) == again.variant(weights: [50, 50]))
            #expect(first.isControl(percent: 10) == again.isControl(percent: 10))
        }
    }

    @Test func `I43: the hash is the same in every process and release`() {
        #expect((1...12).map { split($0).variant(weights: [50, 50]) ?? -1 } == Self.assigned)
    }

    /// Written down once; a change would give members another version of campaigns that run.
    private static let assigned = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

    @Test func `shares are about as large as the weights say`() {
        let members = 20_000
        let control = (0..<members).count { split($0).isControl(percent: 10) }
        #expect(1_800...2_200 ~= control)
        let first = (0..<members).count { split($0).variant(weights: [30, 70]) == 0 }
        #expect(5_700...6_300 ~= first)
        let both = (0..<members).count {
            split($0).isControl(percent: 10) && split($0).variant(weights: [30, 70]) == 0
        }
        // The questions are independent: 3 %.
        #expect(500...700 ~= both)
    }

    @Test func `everybody or nobody can be meant`() {
        for member in 0..<500 {
            #expect(!split(member).isControl(percent: 0))
            #expect(split(member).isTested(percent: 100))
            #expect(split(member).variant(weights: [0, 100]) == 1)
            #expect(split(member).variant(weights: [0, 0]) == nil)
            #expect(split(member).variant(weights: []) == nil)
        }
    }
}

struct MessageGateTests {
    @Test func `the first reason that applies is told`() {
        var facts = MessageFacts(
            hasConsent: false, isActive: false, messagesThisWeek: 3, weeklyMax: 3,
            hadSameCampaignLately: true, isControl: true, awaitsWinner: true)
        #expect(facts.suppression == .consentMissing)
        facts.hasConsent = true
        #expect(facts.suppression == .memberStatus)
        facts.isActive = true
        #expect(facts.suppression == .frequencyCapped)
        facts.messagesThisWeek = 2
        #expect(facts.suppression == .cooldown)
        facts.hadSameCampaignLately = false
        #expect(facts.suppression == .controlGroup)
        facts.isControl = false
        #expect(facts.suppression == .awaitingWinner)
        facts.awaitsWinner = false
        #expect(facts.suppression == nil)
    }

    @Test func `without a limit any number of messages goes out`() {
        #expect(MessageFacts(messagesThisWeek: 1_000).suppression == nil)
    }

    @Test func `quiet hours put a message off until they are over`() throws {
        let shanghai = try #require(LocalCalendar(identifier: "Asia/Shanghai"))
        let night = try #require(QuietHours(from: 22, to: 8))
        let hour: Int64 = 3_600_000
        // Midnight in Shanghai on 2026-06-30.
        let midnight: Int64 = 1_782_748_800_000
        #expect(night.end(after: midnight, shanghai) == midnight + 8 * hour)
        #expect(night.end(after: midnight + 8 * hour - 1, shanghai) == midnight + 8 * hour)
        #expect(night.end(after: midnight + 8 * hour, shanghai) == nil)
        #expect(night.end(after: midnight + 22 * hour - 1, shanghai) == nil)
        #expect(night.end(after: midnight + 22 * hour, shanghai) == midnight + 32 * hour)
        let noon = try #require(QuietHours(from: 12, to: 14))
        #expect(noon.end(after: midnight + 13 * hour, shanghai) == midnight + 14 * hour)
        #expect(noon.end(after: midnight + 15 * hour, shanghai) == nil)
    }

    @Test func `there are quiet hours only between two different hours`() {
        #expect(QuietHours(from: nil, to: 8) == nil)
        #expect(QuietHours(from: 8, to: nil) == nil)
        #expect(QuietHours(from: 8, to: 8) == nil)
        #expect(QuietHours(from: 24, to: 8) == nil)
    }
}

struct BirthdayTests {
    private func day(_ year: Int, _ month: Int, _ day: Int) throws -> Int32 {
        try #require(CivilDate(year: year, month: month, day: day)).dayNumber
    }

    @Test func `a birthday is kept every year`() throws {
        #expect(Birthday.year(of: try day(1990, 6, 30), on: try day(2026, 6, 30)) == 2026)
        #expect(Birthday.year(of: try day(1990, 6, 30), on: try day(2026, 6, 29)) == nil)
    }

    @Test func `who was born on 29 February keeps it on the 28th in other years`() throws {
        let born = try day(2000, 2, 29)
        #expect(Birthday.year(of: born, on: try day(2024, 2, 29)) == 2024)
        #expect(Birthday.year(of: born, on: try day(2024, 2, 28)) == nil)
        #expect(Birthday.year(of: born, on: try day(2026, 2, 28)) == 2026)
        #expect(Birthday.year(of: born, on: try day(2026, 3, 1)) == nil)
    }
}

struct MessageProgressTests {
    @Test func `each step is stamped with its first time, and the status only goes forward`() {
        var message = MessageProgress(status: .queued)
        message.note(.sent, at: 10)
        message.note(.delivered, at: 20)
        message.note(.clicked, at: 40)
        message.note(.opened, at: 50)
        message.note(.opened, at: 30)
        #expect(
            message
                == MessageProgress(
                    status: .clicked, sentAt: 10, deliveredAt: 20, firstOpenedAt: 30,
                    firstClickedAt: 40))
    }

    @Test func `a click is an opening, and an opening an arrival`() {
        var message = MessageProgress(status: .sent, sentAt: 10)
        message.note(.clicked, at: 40)
        #expect(
            message
                == MessageProgress(
                    status: .clicked, sentAt: 10, deliveredAt: 40, firstOpenedAt: 40,
                    firstClickedAt: 40))
    }

    @Test func `an opening by a machine shows only that it arrived`() {
        var message = MessageProgress(status: .sent)
        message.note(.machineOpened, at: 7)
        #expect(
            message == MessageProgress(status: .delivered, deliveredAt: 7, machineOpened: true))
    }

    @Test func `what was held back stays so`() {
        for kind in MessageEventKind.allCases {
            var message = MessageProgress(status: .suppressed)
            message.note(kind, at: 7)
            #expect(message == MessageProgress(status: .suppressed))
        }
    }

    @Test func `what came back was not opened`() {
        var message = MessageProgress(status: .delivered, deliveredAt: 5)
        message.note(.bounced, at: 7)
        #expect(message == MessageProgress(status: .bounced, deliveredAt: 5, bouncedAt: 7))
        var opened = MessageProgress(status: .opened, firstOpenedAt: 6)
        opened.note(.bounced, at: 7)
        opened.note(.failed, at: 7)
        #expect(opened == MessageProgress(status: .opened, firstOpenedAt: 6))
    }

    @Test func `machines are known by how they call themselves and by their haste`() {
        #expect(MachineOpening.isMachine(userAgent: "Mozilla/5.0", delay: nil))
        #expect(MachineOpening.isMachine(userAgent: nil, delay: 999))
        #expect(!MachineOpening.isMachine(userAgent: "Mozilla/5.0 (X11; Linux)", delay: 1_000))
        #expect(!MachineOpening.isMachine(userAgent: nil, delay: nil))
    }
}

struct MessageTextTests {
    @Test func `words in braces are filled in once, and others stay`() {
        let words = [("name", "Ada {memberNo}"), ("memberNo", "M1")]
        #expect(MessageText.filled("", words) == "")
        #expect(MessageText.filled("Hi {name}{name}!", words) == "Hi Ada {memberNo}Ada {memberNo}!")
        #expect(MessageText.filled("{{memberNo}} {x} {", words) == "{M1} {x} {")
    }
}
