import Bytes

/// A person's name as it is written, and in the letters of an e-mail address.
struct SampleName {
    let text: String
    let latin: String
    let language: String
}

/// Names from several parts of the world.
enum SampleNames {
    static func person(_ random: inout SeededRandom) -> SampleName {
        var rest = random.below(100)
        for culture in cultures {
            rest -= culture.percent
            if rest < 0 { return culture.person(&random) }
        }
        return cultures[0].person(&random)
    }

    static func organisation(_ random: inout SeededRandom) -> SampleName {
        let name = random.pick(founders)
        let trade = random.pick(trades)
        return SampleName(
            text: "\(name) \(trade)", latin: "\(name).\(trade)".lowercased(), language: "en")
    }

    /// How names are made in one language. Parts are written `text` or `text=latin`.
    private struct Culture {
        let language: String
        let percent: Int
        let given: [String]
        let family: [String]
        var familyFirst = false
        var separator = " "

        func person(_ random: inout SeededRandom) -> SampleName {
            let given = split(random.pick(given))
            let family = split(random.pick(family))
            let text =
                familyFirst
                ? family.text + separator + given.text : given.text + separator + family.text
            return SampleName(
                text: text, latin: given.latin + "." + family.latin, language: language)
        }

        private func split(_ part: String) -> (text: String, latin: String) {
            let pieces = part.split(separator: "=").map(String.init)
            return (pieces[0], pieces.count > 1 ? pieces[1] : part.lowercased())
        }
    }

    private static let cultures = [
        Culture(
            language: "en", percent: 34,
            given: [
                "Ada", "Benjamin", "Charlotte", "Daniel", "Evelyn", "Finn", "Grace", "Henry",
                "Isla", "Jack", "Keira", "Liam", "Maya", "Noah", "Olive", "Peter", "Ruby", "Samuel",
                "Tess", "Victor",
            ],
            family: [
                "Abbott", "Barker", "Carter", "Dawson", "Ellis", "Fletcher", "Graham", "Hughes",
                "Irving", "Jennings", "Knight", "Lawson", "Mason", "Norris", "Palmer", "Reed",
                "Sutton", "Turner", "Walsh", "O'Brien=obrien",
            ]),
        Culture(
            language: "zh", percent: 28,
            given: [
                "伟=wei", "芳=fang", "秀英=xiuying", "敏=min", "静=jing", "丽=li", "强=qiang", "磊=lei",
                "洋=yang", "艳=yan", "勇=yong", "军=jun", "杰=jie", "娟=juan", "涛=tao", "明=ming",
                "超=chao", "秀兰=xiulan", "霞=xia", "平=ping",
            ],
            family: [
                "王=wang", "李=li", "张=zhang", "刘=liu", "陈=chen", "杨=yang", "赵=zhao", "黄=huang",
                "周=zhou", "吴=wu", "徐=xu", "孙=sun", "胡=hu", "朱=zhu", "高=gao", "欧阳=ouyang",
            ],
            familyFirst: true, separator: ""),
        Culture(
            language: "de", percent: 9,
            given: [
                "Anna", "Björn=bjoern", "Claudia", "Dieter", "Erika", "Günther=guenther",
                "Jörg=joerg",
                "Katrin", "Lukas", "Sabine",
            ],
            family: [
                "Bauer", "Fischer", "Größler=groessler", "Hoffmann", "Jäger=jaeger",
                "Krüger=krueger",
                "Müller=mueller", "Schäfer=schaefer", "Vogel", "Weiß=weiss",
            ]),
        Culture(
            language: "es", percent: 8,
            given: [
                "Álvaro=alvaro", "Begoña=begona", "Camila", "Diego", "Inés=ines", "José=jose",
                "Lucía=lucia", "Mateo", "Nuria", "Óscar=oscar",
            ],
            family: [
                "Castillo", "Domínguez=dominguez", "Fernández=fernandez", "García=garcia",
                "Ibáñez=ibanez",
                "Muñoz=munoz", "Núñez=nunez", "Peña=pena", "Ruiz", "Vázquez=vazquez",
            ]),
        Culture(
            language: "ja", percent: 7,
            given: [
                "さくら=sakura", "葵=aoi", "蓮=ren", "陽菜=hina", "大翔=hiroto", "結衣=yui", "翔太=shota",
                "美咲=misaki",
            ],
            family: [
                "佐藤=sato", "鈴木=suzuki", "高橋=takahashi", "田中=tanaka", "渡辺=watanabe",
                "伊藤=ito", "山本=yamamoto", "中村=nakamura",
            ],
            familyFirst: true),
        Culture(
            language: "hi", percent: 5,
            given: ["Aarav", "Diya", "Ishaan", "Kavya", "Meera", "Rohan", "Sanjay", "Ananya"],
            family: ["Agarwal", "Banerjee", "Chopra", "Gupta", "Iyer", "Kapoor", "Nair", "Sharma"]),
        Culture(
            language: "ar", percent: 4,
            given: [
                "أحمد=ahmad", "فاطمة=fatima", "خالد=khalid", "ليلى=layla", "محمود=mahmoud",
                "نور=nour",
                "سارة=sara", "يوسف=yousuf",
            ],
            family: [
                "الحسن=alhasan", "حداد=haddad", "خوري=khoury", "منصور=mansour", "نجار=najjar",
                "صالح=saleh",
            ]),
        Culture(
            language: "el", percent: 3,
            given: ["Ελένη=eleni", "Γιώργος=giorgos", "Μαρία=maria", "Νίκος=nikos", "Σοφία=sofia"],
            family: [
                "Δημητρίου=dimitriou", "Καραγιάννης=karagiannis", "Νικολάου=nikolaou",
                "Παπαδόπουλος=papadopoulos",
            ]),
        Culture(
            language: "pt", percent: 2,
            given: ["Beatriz", "Caio", "João=joao", "Luísa=luisa", "Thiago"],
            family: [
                "Araújo=araujo", "Gonçalves=goncalves", "Oliveira", "Souza", "Magalhães=magalhaes",
            ]),
    ]

    private static let founders = [
        "Alder", "Brightwater", "Cinnabar", "Dovetail", "Eastgate", "Foxglove", "Granary",
        "Harbour",
    ]
    private static let trades = ["Books", "Coffee", "Foods", "Gardens", "Games", "Music", "Travel"]
}
