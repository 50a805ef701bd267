import Testing

@testable import Engine

@Suite struct NamingTests {
    @Test(arguments: [
        ("Member", "member", "members"), ("PointsEntry", "pointsEntry", "pointsEntries"),
        ("Day", "day", "days"), ("Class", "class", "classes"), ("Box", "box", "boxes"),
        ("Quiz", "quiz", "quizes"), ("Branch", "branch", "branches"), ("Wish", "wish", "wishes"),
        ("SMSMessage", "smsMessage", "smsMessages"), ("FAQ", "faq", "faqs"),
        ("LoyaltyProgram", "loyaltyProgram", "loyaltyPrograms"), ("Y", "y", "ys"),
    ])
    func `a table is looked up in the singular and listed in the plural`(
        type: String, singular: String, plural: String
    ) {
        #expect(Naming.lowerCamel(type) == singular)
        #expect(Naming.plural(singular) == plural)
    }

    @Test(arguments: [
        ("Tier", "tier"), ("LoyaltyProgram", "loyaltyprogr"), ("Points_Entry", "pointsentry"),
        ("_1Tier", "tier"),
    ])
    func `a table without a prefix takes one from its name`(type: String, prefix: String) {
        #expect(Naming.idPrefix(type) == prefix)
        #expect(Naming.isIDPrefix(prefix))
    }

    @Test(arguments: ["", "1a", "Tier", "a_b", "ü", "abcdefghijklm", "a b"])
    func `what is no prefix`(text: String) {
        #expect(!Naming.isIDPrefix(text))
    }

    @Test func `names are GraphQL's`() {
        #expect(["a", "_a", "A1_b"].allSatisfy(Naming.isName))
        #expect(!["", "1a", "__a", "a-b", "ä", "a b", "[a]", "a`"].contains(where: Naming.isName))
    }

    @Test func `a key is looked up by all its fields`() {
        #expect(
            Naming.lookUp("pointsAccount", by: ["member", "program"])
                == "pointsAccountByMemberAndProgram")
    }

    @Test func `the closest name is suggested`() {
        #expect(closestName(to: "emial", among: ["email", "mail"]) == "email")
        #expect(closestName(to: "EMAIL", among: ["email", "emails"]) == "email")
        #expect(closestName(to: "phone", among: ["email", "name"]) == nil)
        #expect(closestName(to: "", among: ["email"]) == nil)
    }
}
