import Engine

extension ConsentPurpose: SchemaEnum {}
