/// Which letters are the same letter when texts are searched: capitals and small ones, and those of
/// the Latin, Greek and Cyrillic scripts with and without accents and strokes.
///
/// The tables are this file's own: a letter without its marks, and where a letter stands for two
/// (ß, æ, œ, þ), the second. Source: Unicode 16, UnicodeData.txt, decompositions, and
/// CaseFolding.txt, statuses C and S; strokes and ligatures by hand.
enum TextFolding {
    /// The letter that a scalar counts as, and a second one where it stands for two; else 0.
    @inline(__always)
    static func fold(_ scalar: UInt32) -> (first: UInt32, second: UInt32) {
        if scalar < 0x80 {
            return (scalar &- 0x41 < 26 ? scalar | 0x20 : scalar, 0)
        }
        return foldBeyondASCII(scalar)
    }

    private static func foldBeyondASCII(_ scalar: UInt32) -> (first: UInt32, second: UInt32) {
        switch scalar {
        case 0xC0..<0x250: return known(latin[Int(scalar - 0xC0)], scalar)
        case 0x370..<0x500: return known(greekAndCyrillic[Int(scalar - 0x370)], scalar)
        case 0x1E00..<0x2000: return known(additional[Int(scalar - 0x1E00)], scalar)
        // The full-width forms of ASCII, as Chinese and Japanese keyboards write them.
        case 0xFF01...0xFF5E: return (fold(scalar - 0xFEE0).first, 0)
        // The ideographic space.
        case 0x3000: return (0x20, 0)
        default: return (simplyFolded(scalar), 0)
        }
    }

    @inline(__always)
    private static func known(_ entry: UInt32, _ scalar: UInt32) -> (first: UInt32, second: UInt32)
    {
        entry == 0 ? (scalar, 0) : (entry & 0xFFFF, entry >> 16)
    }

    /// The small letter of the capital, in scripts without a table; decimal digits of any script as
    /// those of ASCII.
    private static func simplyFolded(_ value: UInt32) -> UInt32 {
        guard let scalar = Unicode.Scalar(value) else { return value }
        let properties = scalar.properties
        if properties.numericType == .decimal, let digit = properties.numericValue {
            return 0x30 + UInt32(digit)
        }
        guard properties.isCased else { return value }
        let upper = only(properties.uppercaseMapping) ?? scalar
        return (only(upper.properties.lowercaseMapping) ?? scalar).value
    }

    private static func only(_ mapping: String) -> Unicode.Scalar? {
        let scalars = mapping.unicodeScalars
        return scalars.count == 1 ? scalars.first : nil
    }

    // MARK: Tables

    /// By scalar: the letter, and 65536 times the second; 0 where the scalar is its own.
    private static func table(_ letters: String) -> [UInt32] {
        letters.unicodeScalars.map { $0 == "·" ? 0 : $0.value }
    }

    private static func adding(_ seconds: String, to table: [UInt32], from start: UInt32)
        -> [UInt32]
    {
        var table = table
        for pair in seconds.split(separator: " ") {
            let scalars = Array(pair.unicodeScalars)
            let place = Int(scalars[0].value) - Int(start)
            if table.indices.contains(place) { table[place] |= scalars[1].value << 16 }
        }
        return table
    }

    /// Letters that stand for two, each with the second.
    private static let seconds = """
        Æe Þh ßs æe þh Ĳj ĳj Œe œe ƕv Ƣi ƣi Ǆz ǅz ǆz Ǉj ǈj ǉj Ǌj \
        ǋj ǌj Ǣe ǣe Ǳz ǲz ǳz Ƕv Ǽe ǽe ȸb ȹp ẞs
        """

    /// From U+00C0.
    private static let latin = adding(
        seconds,
        to: table(
            """
            aaaaaaaceeeeiiiidnooooo·ouuuuytsaaaaaaaceeeeiiiidnooooo·ouuuuytyaaaaaaccccccccdd\
            ddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssss\
            ssttttttuuuuuuuuuuuuwwyyyzzzzzzsbbbbƅ·ɔccdddd·ǝəɛffgɣhɩikkl·ɯnnoooooppʀƨ·ʃ·ttttu\
            uʊvyyzzʒƹ···ƽ·······dddlllnnnaaiioouuuuuuuuuu·aaaaaaggggkkooooʒʒjdddgghƿnnaaaaoo\
            aaaaeeeeiiiioooorrrruuuussttȝ·hhndȣ·zzaaeeooooooooyylntjdqaccltszɂ·buʌeejjqqrryy
            """), from: 0xC0)

    /// From U+0370.
    private static let greekAndCyrillic = table(
        """
        ͱ·ͳ·ʹ·ͷ········ϳ······α·εηι·ο·υωιαβγδεζηθικλμνξοπρ·στυφχψωιυαεηιυ···············\
        ··σ·······ιυουωϗβθ·ϒϒφπ·ϙ·ϛ·ϝ·ϟ·ϡ·ϣ·ϥ·ϧ·ϩ·ϫ·ϭ·ϯ·κρ··θε·ϸ·ϲϻ··ͻͼͽееђгєѕііјљњћкиуџ\
        абвгдежзииклмнопрстуфхцчшщъыьэюя·········и······················ее·г···і····киу·\
        ѡ·ѣ·ѥ·ѧ·ѩ·ѫ·ѭ·ѯ·ѱ·ѳ·ѵ·ѵѵѹ·ѻ·ѽ·ѿ·ҁ·········ҋ·ҍ·ҏ·ґ·ғ·ҕ·җ·ҙ·қ·ҝ·ҟ·ҡ·ң·ҥ·ҧ·ҩ·ҫ·ҭ·ү·\
        ұ·ҳ·ҵ·ҷ·ҹ·һ·ҽ·ҿ·ӏжжӄ·ӆ·ӈ·ӊ·ӌ·ӎ··ааааӕ·ееә·әәжжззӡ·ииииооө·өөээууууууччӷ·ыыӻ·ӽ·ӿ·
        """)

    /// From U+1E00.
    private static let additional = adding(
        seconds,
        to: table(
            """
            aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo\
            oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyassss·\
            aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu\
            uuyyyyyyyyỻ·ỽ·ỿ·ααααααααααααααααεεεεεε··εεεεεε··ηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιι\
            οοοοοο··οοοοοο··υυυυυυυυ·υ·υ·υ·υωωωωωωωωωωωωωωωωααεεηηιιοουυωω··αααααααααααααααα\
            ηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωααααα·ααααααα·ι···ηηη·ηηεεηηη···ιιιι··ιιιιιι····\
            υυυυρρυυυυυυρ·····ωωω·ωωοοωωω···
            """), from: 0x1E00)
}
