/// How the names of the API follow from the names in the schema files.
enum Naming {
    /// The first letter small, and of an abbreviation in front all letters: `pointsEntry`,
    /// `smsMessage`, `id`.
    static func lowerCamel(_ name: String) -> String {
        let letters = Array(name)
        let capitals = letters.prefix { $0.isUppercase }.count
        guard capitals > 1 else { return name.prefix(1).lowercased() + name.dropFirst() }
        // The last capital of `SMSMessage`'s front begins the next word.
        let small = capitals == letters.count ? capitals : capitals - 1
        return String(letters[..<small]).lowercased() + String(letters[small...])
    }

    static func upperCamel(_ name: String) -> String {
        name.prefix(1).uppercased() + name.dropFirst()
    }

    /// A name as a value of an enum: `JOINED_AT`, `SMS_MESSAGE_COUNT`.
    static func constant(_ name: String) -> String {
        let letters = Array(name)
        var words = ""
        for (place, letter) in letters.enumerated() {
            if letter.isUppercase, place > 0, letters[place - 1] != "_" {
                let next = place + 1 < letters.count ? letters[place + 1] : "_"
                // The last capital of `smsURLCount`'s middle begins the next word.
                if !letters[place - 1].isUppercase || next.isLowercase { words += "_" }
            }
            words += letter.uppercased()
        }
        return words
    }

    /// The English plural: `boxes`, `entries`, `days`, `members`.
    static func plural(_ name: String) -> String {
        let small = name.lowercased()
        if ["s", "x", "z", "ch", "sh"].contains(where: { small.hasSuffix($0) }) {
            return name + "es"
        }
        if small.hasSuffix("y"), let before = small.dropLast().last, !"aeiou".contains(before) {
            return name.dropLast() + "ies"
        }
        return name + "s"
    }

    /// The prefix of a table that names none: its letters and digits, at most `idPrefixMax`.
    static func idPrefix(_ name: String) -> String {
        String(name.lowercased().filter { $0 != "_" }.drop { $0.isNumber }.prefix(idPrefixMax))
    }

    /// Ids are read out, typed and logged: a prefix stays short.
    static let idPrefixMax = 12

    /// A small letter, then small letters and digits.
    static func isIDPrefix(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= idPrefixMax else { return false }
        return isSmallLetter(first)
            && bytes.allSatisfy { isSmallLetter($0) || $0 >= 0x30 && $0 <= 0x39 }
    }

    private static func isSmallLetter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }

    /// A name in the sense of GraphQL that introspection has not reserved.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(first >= 0x30 && first <= 0x39) else { return false }
        return !text.hasPrefix("__")
            && text.utf8.allSatisfy {
                isSmallLetter($0 | 0x20) || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x5F
            }
    }

    static func edge(_ type: String) -> String { type + "Edge" }
    static func edgeField(_ singular: String) -> String { singular + "Edge" }
    /// What an update can change.
    static func patch(_ type: String) -> String { type + "Patch" }
    /// A value as clients write it.
    static func input(_ type: String) -> String { type + "Input" }
    static func connection(_ type: String) -> String { type + "Connection" }
    static func aggregate(_ type: String) -> String { type + "Aggregate" }
    static func distinct(_ type: String) -> String { type + "Distinct" }
    static func minMax(_ type: String) -> String { type + "MinMax" }
    static func numbers(_ type: String) -> String { type + "Numbers" }
    static func averages(_ type: String) -> String { type + "Averages" }
    static func filter(_ type: String) -> String { type + "Filter" }
    static func listFilter(_ type: String) -> String { type + "ListFilter" }
    static func sumFilter(_ type: String) -> String { type + "SumFilter" }
    static func orderBy(_ type: String) -> String { type + "OrderBy" }
    static func listOrderBy(_ type: String) -> String { type + "ListOrderBy" }
    static func sumOrderBy(_ type: String) -> String { type + "SumOrderBy" }
    static func group(_ type: String) -> String { type + "Group" }
    static func groupKeys(_ type: String) -> String { type + "GroupKeys" }
    static func groupField(_ type: String) -> String { type + "GroupField" }
    static func groupBy(_ type: String) -> String { type + "GroupBy" }
    static func groupOrderBy(_ type: String) -> String { type + "GroupOrderBy" }
    static func having(_ type: String) -> String { type + "Having" }
    static func averageFilter(_ type: String) -> String { type + "AverageFilter" }

    /// The id beside a relation: `tierId` beside `tier`.
    static func referenceID(_ field: String) -> String { field + "Id" }

    /// The look-up of a key: `pointsAccountByMemberAndProgram`.
    static func lookUp(_ singular: String, by fields: [String]) -> String {
        singular + "By" + fields.map(upperCamel).joined(separator: "And")
    }
}
