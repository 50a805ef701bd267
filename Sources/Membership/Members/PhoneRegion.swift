/// How phone numbers are dialled in one region.
struct PhoneRegion: Equatable, Sendable {
    /// After ISO 3166-1, such as `NO`.
    let code: String
    /// The country's code, such as `47`.
    let callingCode: String
    /// What is dialled before a number of the same country, and left out from abroad; empty where
    /// there is none.
    let trunkPrefix: String
    /// What is dialled to reach other countries, besides `00`.
    let internationalPrefix: String
    /// Digits of a number without country's code and trunk prefix.
    let digits: ClosedRange<Int>

    /// The region with this code of ISO 3166-1, in any case; `nil` if it is not known here.
    static func named(_ code: String) -> PhoneRegion? {
        byCode[code.uppercased()]
    }

    /// The first region of a country's code; `nil` if it is not known here.
    static func calling(_ callingCode: some StringProtocol) -> PhoneRegion? {
        byCallingCode[String(callingCode)]
    }

    /// Source: ITU-T E.164 assigned country codes and the national numbering plans notified under
    /// E.129. The counts of digits are generous: they only tell one way to write a number from
    /// another.
    static let all: [PhoneRegion] = [
        .init("AE", "971", "0", "", 8...9), .init("AR", "54", "0", "", 10...11),
        .init("AT", "43", "0", "", 4...13), .init("AU", "61", "0", "0011", 9...9),
        .init("BE", "32", "0", "", 8...9), .init("BR", "55", "0", "", 10...11),
        .init("CA", "1", "1", "011", 10...10), .init("CH", "41", "0", "", 9...9),
        .init("CN", "86", "0", "", 9...11), .init("CZ", "420", "", "", 9...9),
        .init("DE", "49", "0", "", 5...12), .init("DK", "45", "", "", 8...8),
        .init("ES", "34", "", "", 9...9), .init("FI", "358", "0", "", 5...12),
        .init("FR", "33", "0", "", 9...9), .init("GB", "44", "0", "", 9...10),
        .init("GR", "30", "", "", 10...10), .init("HK", "852", "", "001", 8...8),
        .init("ID", "62", "0", "001", 8...12), .init("IE", "353", "0", "", 7...9),
        .init("IL", "972", "0", "", 8...9), .init("IN", "91", "0", "", 10...10),
        .init("IS", "354", "", "", 7...9), .init("IT", "39", "", "", 6...11),
        .init("JP", "81", "0", "010", 9...10), .init("KR", "82", "0", "001", 8...10),
        .init("MO", "853", "", "", 8...8), .init("MX", "52", "", "", 10...10),
        .init("MY", "60", "0", "", 8...10), .init("NL", "31", "0", "", 9...9),
        .init("NO", "47", "", "", 8...8), .init("NZ", "64", "0", "", 8...10),
        .init("PH", "63", "0", "", 8...10), .init("PL", "48", "", "", 9...9),
        .init("PT", "351", "", "", 9...9), .init("RU", "7", "8", "810", 10...10),
        .init("SA", "966", "0", "", 8...9), .init("SE", "46", "0", "", 7...10),
        .init("SG", "65", "", "000", 8...8), .init("TH", "66", "0", "001", 8...9),
        .init("TR", "90", "0", "", 10...10), .init("TW", "886", "0", "002", 8...9),
        .init("UA", "380", "0", "", 9...9), .init("US", "1", "1", "011", 10...10),
        .init("VN", "84", "0", "", 9...10), .init("ZA", "27", "0", "", 9...9),
    ]

    private init(
        _ code: String, _ callingCode: String, _ trunkPrefix: String,
        _ internationalPrefix: String, _ digits: ClosedRange<Int>
    ) {
        self.code = code
        self.callingCode = callingCode
        self.trunkPrefix = trunkPrefix
        self.internationalPrefix = internationalPrefix
        self.digits = digits
    }

    private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })
    private static let byCallingCode = Dictionary(all.map { ($0.callingCode, $0) }) { $1 }
}
