import Bytes
import Testing

@testable import Membership

struct IdentityTests {
    private func phone(_ text: String, _ region: String?) -> String {
        do throws(IdentityRefusal) {
            return try Identity.normalized(
                text, .phone, region: region.flatMap { PhoneRegion.named($0) })
        } catch {
            return "\(error)"
        }
    }

    private func email(_ text: String) -> String {
        do throws(IdentityRefusal) {
            return try Identity.normalized(text, .email)
        } catch {
            return "\(error)"
        }
    }

    @Test func `I1 the ways to write a phone number give one E164`() {
        let cases: [(String?, String, [String])] = [
            (
                "CN", "+8613812345678",
                [
                    "13812345678", "138 1234 5678", "138-1234-5678", "+86 138 1234 5678",
                    "0086 13812345678", "8613812345678", "013812345678", "(+86)13812345678",
                    "\u{FF0B}\u{FF18}\u{FF16}　１３８１２３４５６７８", "１３８ー１２３４ー５６７８",
                    "tel:+86-138-1234-5678",
                    "\u{202A}+86 138 1234 5678\u{202C}",
                ]
            ),
            ("CN", "+861012345678", ["010-12345678", "(010) 1234 5678", "+86 10 1234 5678"]),
            ("NO", "+4791234567", ["912 34 567", "+47 91 23 45 67", "004791234567", "4791234567"]),
            ("NO", "+4747123456", ["47 12 34 56", "+47 47 12 34 56"]),
            (
                "US", "+12125550123",
                [
                    "(212) 555-0123", "212.555.0123", "1-212-555-0123", "+1 212 555 0123",
                    "011 1 212 555 0123", "001 212 555 0123",
                ]
            ),
            (
                "GB", "+442079460958",
                [
                    "020 7946 0958", "(020) 7946 0958", "+44 20 7946 0958", "+44 (0)20 7946 0958",
                    "+44 020 7946 0958", "0044 20 7946 0958", "442079460958",
                    "+44\u{A0}20\u{2011}7946\u{2011}0958",
                ]
            ),
            (
                "DE", "+491701234567",
                [
                    "0170 1234567", "0170/1234567", "+49 (0) 170 1234567", "+49 170 1234567",
                    "0049 170 1234567", "491701234567",
                ]
            ),
            ("DE", "+493012345", ["030 12345", "+49 30 12345"]),
            (
                "JP", "+819012345678",
                ["090-1234-5678", "０９０－１２３４－５６７８", "+81 90 1234 5678", "010 81 90 1234 5678"]
            ),
            ("JP", "+81312345678", ["03-1234-5678", "（０３）１２３４－５６７８"]),
            ("IT", "+390612345678", ["06 1234 5678", "+39 06 1234 5678"]),
            ("RU", "+79123456789", ["8 (912) 345-67-89", "+7 912 345 67 89", "7 912 345 67 89"]),
            ("HK", "+4791234567", ["001 47 91234567", "+47 91234567"]),
            (nil, "+4791234567", ["+47 912 34 567", "0047 91234567", "٠٠٤٧٩١٢٣٤٥٦٧"]),
        ]
        for (region, expected, texts) in cases {
            for text in texts {
                #expect(phone(text, region) == expected, "\(text) in \(region ?? "no region")")
                #expect(phone(expected, region) == expected)
                #expect(phone(expected, nil) == expected)
            }
        }
    }

    @Test func `what is no phone number says why`() {
        #expect(phone("  \u{3000}", "NO") == "\(IdentityRefusal.empty(.phone))")
        #expect(phone("12", "NO") == fault(.notOfRegion("NO", digitCount: 2)))
        #expect(phone("91234567 ext. 3", "NO") == fault(.character("e")))
        #expect(phone("9123+4567", "NO") == fault(.misplacedPlus))
        #expect(phone("++4791234567", "NO") == fault(.misplacedPlus))
        #expect(phone("+047 912", "NO") == fault(.countryCode))
        #expect(phone("+", "NO") == fault(.digitCount(0)))
        #expect(phone("+47912", "NO") == fault(.digitCount(5)))
        #expect(phone("+1234567890123456", "NO") == fault(.digitCount(16)))
        #expect(phone("91234567", nil) == fault(.regionMissing))
        #expect(phone("½½½½½½½½", "NO") == fault(.character("½")))
    }

    private func fault(_ fault: PhoneFault) -> String { "\(IdentityRefusal.phone(fault))" }
    private func emailFault(_ fault: EmailFault) -> String { "\(IdentityRefusal.email(fault))" }

    @Test func `I1 e-mail addresses are lower case with an ASCII domain, dots kept`() {
        let cases = [
            (" Ada.Lovelace@Example.ORG ", "ada.lovelace@example.org"),
            ("a.b.c+club@example.org", "a.b.c+club@example.org"),
            ("info@BÜCHER.example", "info@xn--bcher-kva.example"),
            ("info@bu\u{308}cher.example", "info@xn--bcher-kva.example"),
            ("info@xn--bcher-kva.example", "info@xn--bcher-kva.example"),
            ("张三@例え。中国", "张三@xn--r8jz45g.xn--fiqs8s"),
            ("me@ｅｘａｍｐｌｅ．ｃｏｍ", "me@example.com"),
            ("me＠example.com", "me@example.com"),
            ("me@example.com.", "me@example.com"),
            ("JOSÉ@example.com", "josé@example.com"),
            ("jose\u{301}@example.com", "josé@example.com"),
            ("x@straße.de", "x@xn--strae-oqa.de"),
            ("x@ελληνικά.gr", "x@xn--hxargifdar.gr"),
            ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
        ]
        for (text, expected) in cases {
            #expect(email(text) == expected)
            #expect(email(expected) == expected)
        }
    }

    @Test func `what is no e-mail address says why`() {
        #expect(email("ada") == emailFault(.shape))
        #expect(email("@example.org") == emailFault(.shape))
        #expect(email("ada@") == emailFault(.shape))
        #expect(email("ada@localhost") == emailFault(.domainWithoutDot))
        #expect(email("a b@example.org") == emailFault(.character(" ")))
        #expect(email("a@b@example.org") == emailFault(.character("@")))
        #expect(email("ada@exa mple.org") == emailFault(.character(" ")))
        #expect(email("ada@exam_ple.org") == emailFault(.character("_")))
        #expect(email("ada@example..org") == emailFault(.label("")))
        #expect(email("ada@-example.org") == emailFault(.label("-example")))
        #expect(email("ada@example-.org") == emailFault(.label("example-")))
        let label = String(repeating: "a", count: 64)
        #expect(email("ada@\(label).org") == emailFault(.label(label)))
        #expect(email(label + "a@example.org") == emailFault(.tooLong))
        let long = String(repeating: "a", count: 257)
        #expect(email(long) == "\(IdentityRefusal.tooLong(.email, byteCount: 257))")
    }

    @Test func `Punycode agrees with the samples of its specification`() {
        #expect(Punycode.encode("他们为什么不说中文") == "ihqwcrb4cv8a8dqg056pqjye")
        #expect(Punycode.encode("他們爲什麽不說中文") == "ihqwctvzc91f659drss3x8bo0yb")
        #expect(
            Punycode.encode("почемужеонинеговорятпорусски") == "b1abfaaepdrnnbgefbadotcwatmq2g4l")
        #expect(Punycode.encode("3年b組金八先生") == "3b-ww4c5e180e575a65lsy2b")
        #expect(Punycode.encode("münchen") == "mnchen-3ya")
        #expect(Punycode.encode("") == "")
        #expect(Punycode.encode("plain") == "plain-")
    }

    @Test func `other identities keep what is within them`() throws {
        #expect(try Identity.normalized(" o6_Bmjr TPlm6 \n", .wechatUnionID) == "o6_Bmjr TPlm6")
        #expect(try Identity.normalized("\u{FEFF}A-1\u{200B}", .external) == "A-1")
        #expect(try Identity.normalized(" 7 100 001 ", .cardNo) == "7100001")
        #expect(try Identity.normalized("７１００００１", .cardNo) == "7100001")
        for kind in IdentityKind.allCases {
            #expect(throws: IdentityRefusal.empty(kind)) {
                try Identity.normalized(" \t", kind)
            }
        }
        #expect(throws: IdentityRefusal.control(.external)) {
            try Identity.normalized("a\u{0}b", .external)
        }
    }

    @Test func `normalising twice is normalising once, and nothing traps`() throws {
        let seed: UInt64 = 0x1D
        var random = SeededRandom(seed: seed)
        let pieces = [
            "+", "0", "00", "47", "86", "1", "8", "(0)", "(", ")", "-", " ", "９", "a", "İ", "ß",
            "é", "e\u{301}", "中", "@", "＠", ".", "。", "xn--", "\u{200D}", "\u{0}", "🎂", "ǅ", "Σ",
        ]
        let regions = [nil, "NO", "CN", "US", "GB", "DE", "JP", "RU", "IT"]
        for round in 0..<20_000 {
            var text = random.chance(percent: 30) ? "a@b.de" : ""
            for _ in 0..<random.number(in: 0...12) { text += random.pick(pieces) }
            let kind = random.pick([IdentityKind.phone, .email, .cardNo, .external])
            let region = random.pick(regions).flatMap { PhoneRegion.named($0) }
            guard let once = try? Identity.normalized(text, kind, region: region) else { continue }
            let twice = try? Identity.normalized(once, kind, region: region)
            #expect(twice == once, "seed \(seed), round \(round): \(text)")
        }
    }

    @Test func `I2 at most one identity of a kind is primary`() {
        let own = [
            OwnIdentity(key: 1, kind: .phone, isPrimary: true),
            OwnIdentity(key: 2, kind: .phone, isPrimary: false),
            OwnIdentity(key: 3, kind: .email, isPrimary: true),
        ]
        #expect(
            Identity.making(primary: 2, of: own).map(\.isPrimary) == [false, true, true])
        #expect(Identity.making(primary: 9, of: own) == own)
        let other = [
            OwnIdentity(key: 4, kind: .phone, isPrimary: true),
            OwnIdentity(key: 5, kind: .cardNo, isPrimary: true),
        ]
        #expect(
            Identity.merged(own, other).filter(\.isPrimary).map(\.key) == [1, 3, 5])
    }
}
