import JSON
import Testing

@testable import Engine

/// How the values of every type stand in their cells.
struct TableValueTests {
    private let shop: EngineFixture

    private static let schema = """
        type Product @table(idPrefix: "prd") { name: String! maker: Maker @relation }
        type Maker @table(idPrefix: "mkr") { name: String! }
        enum Unit { PIECE BOX }
        type Money { amountMinor: Long! currency: String! }
        type Line { product: Product count: Int! unit: Unit price: Money note: String extra: JSON }
        type Order @table(idPrefix: "ord") {
          text: String mail: EmailAddress int: Int long: Long float: Float flag: Boolean
          at: DateTime day: Date unit: Unit extra: JSON tags: [String!] units: [Unit]
          main: Line lines: [Line] product: Product @relation
        }
        """

    init() throws {
        shop = try EngineFixture(
            Self.schema,
            rows: [
                "Maker": [["id": "mkr_1", "name": "Ma, Ker"]],
                "Product": [
                    ["id": "prd_1", "name": "Pen", "maker": "mkr_1"],
                    ["id": "prd_2", "name": "Ink \"blue\""],
                ],
                "Order": [
                    [
                        "id": "ord_1", "text": "a, \"b\"\r\nc 王", "mail": "a@example.org",
                        "int": -2_147_483_648, "long": 9_007_199_254_740_991,
                        "float": 0.1, "flag": true, "at": "2026-03-01T18:00:00.007Z",
                        "day": "1999-12-31", "unit": "BOX", "extra": ["k": [1, nil, "x"]],
                        "tags": ["a", "b\\"], "units": ["PIECE", nil], "product": "prd_1",
                        "main": [
                            "product": "prd_2", "count": 2, "unit": "BOX",
                            "price": ["amountMinor": -5, "currency": "N,K"],
                            "note": "say \"no\"\n", "extra": "text",
                        ],
                        "lines": [nil, ["product": "prd_1", "count": 1]],
                    ],
                    [
                        "id": "ord_2", "text": "", "float": 1e300, "flag": false, "int": 0,
                        "tags": [], "extra": "=1", "product": "prd_2",
                        "main": ["count": 1, "note": ""],
                    ],
                    ["id": "ord_3"],
                ],
            ])
    }

    @Test func `plain columns`() throws {
        let query = "{ orders { nodes { id text mail int long float flag at day unit extra } } }"
        try shop.checkTable(
            query,
            gives: [
                "id,text,mail,int,long,float,flag,at,day,unit,extra",
                "ord_1,\"a, \"\"b\"\"\r\nc 王\",a@example.org,-2147483648,9007199254740991,0.1,true,"
                    + "2026-03-01T18:00:00.007Z,1999-12-31,BOX,\"{\"\"k\"\":[1,null,\"\"x\"\"]}\"",
                "ord_2,\"\",,0,,1e+300,false,,,,\"\"\"=1\"\"\"",
                "ord_3,,,,,,,,,,",
            ])
        try shop.checkTable(
            query, nil, .ndjson,
            gives: [
                #"{"id":"ord_1","text":"a, \"b\"\r\nc 王","mail":"a@example.org","int":-2147483648,"#
                    + #""long":9007199254740991,"float":0.1,"flag":true,"#
                    + #""at":"2026-03-01T18:00:00.007Z","day":"1999-12-31","unit":"BOX","#
                    + #""extra":{"k":[1,null,"x"]}}"#,
                #"{"id":"ord_2","text":"","mail":null,"int":0,"long":null,"float":1e+300,"#
                    + #""flag":false,"at":null,"day":null,"unit":null,"extra":"=1"}"#,
                #"{"id":"ord_3","text":null,"mail":null,"int":null,"long":null,"float":null,"#
                    + #""flag":null,"at":null,"day":null,"unit":null,"extra":null}"#,
            ])
    }

    @Test func `lists stay JSON, values are flattened`() throws {
        let query = """
            { orders { nodes { tags units
              main { count unit price { currency amountMinor } note extra product { id name } }
              lines { count product { name } } } } }
            """
        try shop.checkTable(
            query,
            gives: [
                "tags,units,main.count,main.unit,main.price.currency,main.price.amountMinor,"
                    + "main.note,main.extra,main.product.id,main.product.name,lines",
                "\"[\"\"a\"\",\"\"b\\\\\"\"]\",\"[\"\"PIECE\"\",null]\",2,BOX,\"N,K\",-5,"
                    + "\"say \"\"no\"\"\n\",\"\"\"text\"\"\",prd_2,\"Ink \"\"blue\"\"\","
                    + "\"[null,{\"\"count\"\":1,\"\"product\"\":{\"\"name\"\":\"\"Pen\"\"}}]\"",
                "[],,1,,,,\"\",,,,",
                ",,,,,,,,,,",
            ])
        try shop.checkTable(
            query, nil, .ndjson,
            gives: [
                #"{"tags":["a","b\\"],"units":["PIECE",null],"main.count":2,"main.unit":"BOX","#
                    + #""main.price.currency":"N,K","main.price.amountMinor":-5,"#
                    + #""main.note":"say \"no\"\n","main.extra":"text","main.product.id":"prd_2","#
                    + #""main.product.name":"Ink \"blue\"","#
                    + #""lines":[null,{"count":1,"product":{"name":"Pen"}}]}"#,
                #"{"tags":[],"units":null,"main.count":1,"main.unit":null,"#
                    + #""main.price.currency":null,"main.price.amountMinor":null,"main.note":"","#
                    + #""main.extra":null,"main.product.id":null,"main.product.name":null,"#
                    + #""lines":null}"#,
                #"{"tags":null,"units":null,"main.count":null,"main.unit":null,"#
                    + #""main.price.currency":null,"main.price.amountMinor":null,"main.note":null,"#
                    + #""main.extra":null,"main.product.id":null,"main.product.name":null,"#
                    + #""lines":null}"#,
            ])
    }

    @Test func `a null on a to-one path empties all cells behind it`() throws {
        try shop.checkTable(
            "{ orders { nodes { productId product { id maker { id name } name } int } } }",
            gives: [
                "productId,product.id,product.maker.id,product.maker.name,product.name,int",
                "prd_1,prd_1,mkr_1,\"Ma, Ker\",Pen,-2147483648",
                "prd_2,prd_2,,,\"Ink \"\"blue\"\"\",0",
                ",,,,,",
            ])
    }

    @Test func `a line of one empty cell is not an empty line`() throws {
        try shop.checkTable(
            "{ orders { nodes { text } } }",
            gives: [
                "text", "\"a, \"\"b\"\"\r\nc 王\"", "\"\"", "\"\"",
            ])
    }

    @Test(arguments: [
        ("=1+1", "\"'=1+1\""), ("+47 1", "\"'+47 1\""), ("-1", "\"'-1\""), ("@a", "\"'@a\""),
        ("\ta", "\"'\ta\""), ("\ra", "\"'\ra\""), ("=\"a\"", "\"'=\"\"a\"\"\""), ("1-1", "1-1"),
        ("", "\"\""), ("a=1,2", "\"a=1,2\""), ("'=1", "'=1"),
        (
            "=a much longer formula()",
            "\"'=a much longer formula()\""
        ),
    ])
    func `texts that a spreadsheet would compute are made texts`(_ text: String, _ cell: String)
        throws
    {
        let shop = try EngineFixture(
            Self.schema,
            rows: [
                "Order": [
                    [
                        "id": "ord_1", "text": .string(text), "int": -1,
                        "main": ["count": -2, "note": .string(text), "extra": -3],
                    ]
                ]
            ])
        try shop.checkTable(
            "{ orders { nodes { text int main { note count extra } } } }", excel: true,
            gives: [
                "\u{FEFF}text,int,main.note,main.count,main.extra", "\(cell),-1,\(cell),-2,-3",
            ])
    }

    /// Texts of all lengths with a byte that needs quotation marks at every place.
    @Test func `quotation marks stand where they must`() throws {
        var texts: [String] = []
        for length in 0..<40 {
            texts.append(String(repeating: "x", count: length))
            for place in 0..<length {
                for special in [",", "\"", "\r", "\n", ";"] {
                    texts.append(
                        String(repeating: "x", count: place) + special
                            + String(repeating: "x", count: length - place - 1))
                }
            }
        }
        let shop = try EngineFixture(
            Self.schema,
            rows: [
                "Order": .array(
                    texts.enumerated().map {
                        ["id": .string("ord_\($0)"), "text": .string($1), "int": 1]
                    })
            ])
        try shop.checkTable(
            "{ orders { nodes { text int } } }",
            gives: ["text,int"]
                + texts.map { text in
                    let isPlain =
                        !text.isEmpty
                        && !text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
                    return
                        (isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\"") + ",1"
                })
    }
}
