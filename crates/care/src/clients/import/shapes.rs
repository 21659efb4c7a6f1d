//! Files in the shapes that people have, from bytes to what would become of them. Every person in them is invented.

use crate::clients::{
    Draft, Kind,
    import::{
        Because, Field, Mapping, Outcome,
        columns::{self, DateOrder},
        drafts::{self, Reader},
        judging::{Group, Judge, Judged},
        reading::{self, Table},
    },
};
use kernel::clock::Time;

/// March 2, 2026.
const NOW: Time = Time::from_micros(1_772_442_000_000_000);

fn judged(table: Table, mapping: &Mapping) -> Vec<Judged> {
    let mut judge = Judge::new(Group::default());
    let reader = Reader::new(&table, mapping, Kind::Owner, NOW);
    let drafted = table.rows.iter().map(|row| reader.draft(row)).collect::<Vec<_>>();
    for (row, drafted) in table.rows.clone().into_iter().zip(drafted) {
        judge.take(row, drafted);
    }
    judge.done()
}

fn guessed(bytes: &[u8]) -> (Table, Mapping) {
    let table = reading::read(bytes).unwrap();
    let mapping = columns::guess(&table.headings, &table.rows);
    (table, mapping)
}

fn preview(file: impl AsRef<[u8]>) -> Vec<Judged> {
    let (table, mapping) = guessed(file.as_ref());
    judged(table, &mapping)
}

/// What a line would be, its empty fields left out: name, number, email, phone, address, birth, remarks, animals.
fn said(draft: &Draft) -> String {
    let animals = draft.animals.iter().map(|animal| {
        let birth = animal.birth_date.clone().unwrap_or_default();
        [&animal.name, &animal.species, &animal.breed, &birth].map(String::as_str).join("/")
    });
    let birth = draft.birth_date.clone().unwrap_or_default();
    let fields =
        [&draft.name, &draft.reference, &draft.email, &draft.phone, &draft.address, &birth, &draft.remarks];
    let fields = fields.into_iter().cloned().chain(animals).map(|text| text.replace('\n', "; "));
    fields.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" | ")
}

fn results(lines: &[Judged]) -> Vec<String> {
    let result = |line: &Judged| line.draft.as_ref().map_or_else(|| line.detail.clone(), said);
    lines.iter().map(result).collect()
}

fn outcomes(lines: &[Judged]) -> Vec<Outcome> {
    lines.iter().map(|line| line.outcome).collect()
}

fn notices(lines: &[Judged]) -> Vec<String> {
    lines.iter().flat_map(|line| line.notices.clone()).collect()
}

#[test]
fn a_medical_record_system_with_many_columns() {
    let file = "Id,BIRTHDATE,DEATHDATE,SSN,PREFIX,FIRST,MIDDLE,LAST,SUFFIX,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT\n\
                aa-01,1961-04-12,,999-11-0002,Ms.,Nora22,Jo,Quint78,Jr.,F,Elm  OH  US,9 Elm Row,Dayton,Ohio,Hill County,39057,45402,39.7\n";
    assert_eq!(
        results(&preview(file)),
        ["Nora22 Jo Quint78 Jr. | aa-01 | 9 Elm Row; Dayton, Ohio 45402 | 1961-04-12"]
    );
}

#[test]
fn lower_case_columns_with_placeholders() {
    let file = "id,title,fname,lname,mname,DOB,street,postal_code,city,state,phone_home,phone_biz,phone_cell,status,email,pubpid,pid\n\
                1,Ms.,Nora,Quint,J,1971-05-06,9 Elm Row,45402,Dayton,OH,555-0110,,555-0111,single,nora@q.example,P-7,1\n\
                2,Mr.,Otis,Lang,,0000-00-00,8 Elm Row,45402,Dayton,OH,555-0112,,,single,NULL,P-8,2\n";
    let lines = preview(file);
    assert_eq!(
        results(&lines),
        [
            "Nora J Quint | P-7 | nora@q.example | 555-0110 (home), 555-0111 (cell) | 9 Elm Row; Dayton, OH 45402 | 1971-05-06",
            "Otis Lang | P-8 | 555-0112 | 8 Elm Row; Dayton, OH 45402",
        ]
    );
    assert_eq!(notices(&lines), ["Email left out: “NULL”.", "Date of birth left out: “0000-00-00”."]);
}

#[test]
fn camel_case_columns_of_a_veterinary_program() {
    let file = "AccountId,FileNumber,ClientTypeCode,Salutation,LastName,FirstName,Address1,Address2,City,State,Zip,Country,Email,Phone1AsIs,PhoneType1,Phone2AsIs,PhoneType2,Alert\n\
                A7,2002,A,Mr,Quint,Nora,9 Elm Row,Apt 3,Dayton,OH,45402,USA,nora@q.example,555-0110,Cell,555-0111,Home,Bites\n";
    assert_eq!(
        results(&preview(file)),
        [
            "Nora Quint | 2002 | nora@q.example | 555-0110, 555-0111 | 9 Elm Row; Apt 3; Dayton, OH 45402; USA | Bites"
        ]
    );
}

#[test]
fn one_line_for_each_pet_makes_one_owner() {
    let file = "Client Name,Email,Phone,Pet Name,Species,Breed,Birth Date\n\
                Quint Nora,nora@q.example,555-0110,Juno,Canine,Beagle,2018-02-03\n\
                Quint Nora,nora@q.example,555-0110,Pip,Feline,,2021-04-05\n\
                Lang Otis,,555-0112,Ray,Canine,,\n\
                Quint Nora,nora@q.example,555-0110,juno,Canine,Beagle,2018-02-03\n";
    let lines = preview(file);
    assert_eq!(outcomes(&lines), [Outcome::New, Outcome::Animal, Outcome::New, Outcome::Duplicate]);
    assert_eq!(lines[1].detail, "Adds “Pip” to line 2.");
    assert_eq!(lines[0].joined, ["Pip"]);
    assert_eq!(results(&lines)[0], "Quint Nora | nora@q.example | 555-0110 | Juno/Canine/Beagle/2018-02-03");
    let bare =
        preview("Client,Patient,Species,Breed\nNora Quint,Juno,Canine,Beagle\nNora Quint,Pip,Feline,\n");
    assert_eq!(results(&bare)[0], "Nora Quint | Juno/Canine/Beagle/");
    assert_eq!(outcomes(&bare), [Outcome::New, Outcome::Animal]);
}

#[test]
fn types_that_are_none_of_ours_are_kept_as_remarks() {
    let file = "First Name,Last Name,Client Type,Date of Birth,Email,Mobile Phone\n\
                Nora,Quint,Adult,05/06/1971,home@q.example,555-0110\n\
                Theo,Quint,Minor,05/16/2013,home@q.example,555-0110\n\
                Nora & Otis,Quint,Couple,,,\n";
    let lines = preview(file);
    assert_eq!(outcomes(&lines), [Outcome::New; 3]);
    assert_eq!(results(&lines)[2], "Nora & Otis Quint | Client Type: Couple");
}

#[test]
fn contacts_of_a_mail_program() {
    let file = "\"Title\",\"First Name\",\"Last Name\",\"Business Street\",\"Home Street\",\"Home City\",\"Home State\",\"Home Postal Code\",\"Home Phone\",\"Mobile Phone\",\"Birthday\",\"E-mail Address\",\"E-mail Type\",\"E-mail Display Name\",\"Notes\"\n\
                \"\",\"Nora\",\"Quint\",\"\",\"9 Elm Row\",\"Dayton\",\"OH\",\"45402\",\"555-0110\",\"555-0111\",\"0/0/00\",\"nora@q.example\",\"SMTP\",\"Nora (nora@q.example)\",\"\"\n";
    assert_eq!(
        results(&preview(file)),
        ["Nora Quint | nora@q.example | 555-0110 (home), 555-0111 (mobile) | 9 Elm Row; Dayton, OH 45402"]
    );
}

#[test]
fn dates_in_every_form_and_addresses_that_are_none() {
    let file = "Name,Date of Birth,Email\nA,1971-05-06T00:00:00Z,none\nB,5/6/1971 12:00:00 AM,N/A\nC,06-May-1971,declined\n\
                D,\"May 6, 1971\",#N/A\nE,5/6/71,-\nF,19710506,f@q.example; g@q.example\nG,26059,G Quint <g@q.example>\n\
                H,1971-5-6,mailto:h@q.example\nI,06.05.1971,i@q.example.\nJ,1971/05/06,j@müller.example\nK,soon,k at q\n";
    let lines = preview(file);
    for line in &lines[..10] {
        assert_eq!(line.draft.as_ref().unwrap().birth_date.as_deref(), Some("1971-05-06"), "{line:?}");
    }
    let emails = lines.iter().map(|line| line.draft.as_ref().unwrap().email.as_str()).collect::<Vec<_>>();
    assert_eq!(
        emails[5..],
        ["f@q.example", "g@q.example", "h@q.example", "i@q.example", "j@müller.example", ""]
    );
    assert!(emails[..5].iter().all(|email| email.is_empty()));
    let notices = notices(&lines);
    assert_eq!(notices[5], "Email left out: “g@q.example” comes after another address.");
    assert!(notices.contains(&"Date of birth left out: “soon” isn’t a date.".to_owned()), "{notices:?}");
}

#[test]
fn german_and_spanish_files() {
    let german = "Nachname;Vorname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort;Telefon;E-Mail\n\
                  Böhm;Jörn;06.05.1971;Ulmenweg;9;04103;Leipzig;0341 555;joern@q.example\n";
    let western = encoding_rs::WINDOWS_1252.encode(german).0.into_owned();
    for bytes in [german.as_bytes().to_vec(), western] {
        assert_eq!(
            results(&preview(bytes)),
            ["Jörn Böhm | joern@q.example | 0341 555 | Ulmenweg 9; 04103 Leipzig | 1971-05-06"]
        );
    }
    let spanish = "Nombre,Apellidos,Fecha de nacimiento,Correo electrónico,Teléfono móvil,Dirección,Ciudad,Código postal,Mascota,Especie\n\
                   Inés,Peña Ruiz,16/5/1971,ines@q.example,555-0113,Calle 9,Vigo,36201,Luz,Perro\n";
    assert_eq!(
        results(&preview(spanish)),
        ["Inés Peña Ruiz | ines@q.example | 555-0113 | Calle 9; Vigo 36201 | Luz/Perro//1971-05-16"]
    );
}

#[test]
fn ragged_lines_are_read_or_asked() {
    let lines = preview(
        "Name,Email,Phone,Notes\nNora Quint,n@q.example,555-0110,vip\nOtis,o@q.example\nPia\nRex,r@q.example,1,x,,\n\
                         Sam,s@q.example,2,y,extra\nQuint, Nora,n@q.example,3,z\n",
    );
    assert_eq!(results(&lines)[1..3], ["Otis | o@q.example", "Pia"]);
    assert_eq!(lines[4].notices, ["Left out, because it is beyond the last heading: “extra”"]);
    assert_eq!(lines[5].outcome, Outcome::Broken);
    assert!(lines[5].detail.contains("5 cells, but there are 4 headings"), "{}", lines[5].detail);
}

#[test]
fn siblings_share_an_address() {
    let lines = preview(
        "Name,Birth date,Email\nUna Quint,2013-01-02,home@q.example\nVic Quint,2015-03-04,home@q.example\nWyn Quint,2017-05-06,Home@Q.example\n",
    );
    assert_eq!(outcomes(&lines), [Outcome::New; 3]);
    let unborn = preview("Name,Email\nUna Quint,home@q.example\nVic Quint,home@q.example\n");
    assert_eq!(outcomes(&unborn), [Outcome::New, Outcome::Likely]);
    assert_eq!(unborn[1].detail, "Same email address as line 2.");
}

#[test]
fn every_name_stays_as_it_is_written() {
    let long = "q".repeat(200);
    let names = [
        "O",
        "Null",
        "NULL",
        "null",
        "O'Hara Síle",
        "علي بن محمد",
        "Y\u{308}e",
        "李小龙",
        "👩‍⚕️ Joy",
        long.as_str(),
        "-2+3",
        "Robin; DROP TABLE",
        "<script>alert(1)</script>",
        "N/A",
        "None",
    ];
    let mut file = "Name,Birth date\n\"=HYPERLINK(\"\"http://x\"\")\",1980-02-01\n".to_owned();
    for (at, name) in names.iter().enumerate() {
        file += &format!("{name},1980-01-{:02}\n", at + 1);
    }
    let lines = preview(file);
    let found = lines.iter().map(|line| line.draft.as_ref().unwrap().name.clone()).collect::<Vec<_>>();
    assert_eq!(found[0], "=HYPERLINK(\"http://x\")");
    for (found, name) in found[1..].iter().zip(names) {
        assert_eq!(*found, kernel::text::line(name).unwrap());
    }
    assert_eq!(outcomes(&lines), vec![Outcome::New; 16]);
}

#[test]
fn columns_that_come_twice_separators_and_titles() {
    assert_eq!(
        results(&preview("Name,Phone,Phone,Email,,,\nNora,,555-0111,n@q.example,,,\n")),
        ["Nora | n@q.example | 555-0111"]
    );
    for file in [
        "Name|Email|Phone\nNora|n@q.example|7\n",
        "sep=\t\nName\tEmail\tPhone\nNora\tn@q.example\t7\n",
        "sep=;\r\nName;Email;Phone\r\nNora;n@q.example;7\r\n",
        "Clients of March,,\n,,\nName,Email,Phone\nNora,n@q.example,7\n",
        "Quint Veterinary; printed 3/2/2026\n\nName;Email;Phone\nNora;n@q.example;7\n",
        "\"Name\",\"Email\",\"Phone\"\n\"Nora\",\"n@q.example\",\"7\"",
    ] {
        assert_eq!(results(&preview(file)), ["Nora | n@q.example | 7"], "{file}");
    }
    assert_eq!(
        results(&preview("Name,MRN\nNora,\"=\"\"00456\"\"\"\nOtis,=\"00457\"\n")),
        ["Nora | 00456", "Otis | 00457"]
    );
    assert_eq!(results(&preview("Name,First name,Phone\nQuint,Nora,1\n")), ["Nora Quint | 1"]);
    assert_eq!(
        results(&preview(
            "Patient.id,Patient.name.given,Patient.name.family,Patient.birthDate,Patient.telecom.value\np9,Nora,Quint,1971-05-06,555-0110\n"
        )),
        ["Nora Quint | p9 | 555-0110 | 1971-05-06"]
    );
    assert_eq!(
        results(&preview(
            r#"Name,Notes
"Nora \"Nono\" Quint",x
"#
        )),
        [r#"Nora "Nono" Quint | x"#]
    );
}

#[test]
fn one_bad_byte_is_reported_in_its_line_alone() {
    let lines =
        preview([b"Name,Notes\nJ\xc3\xb6rn B\xc3\xb6hm,ok\nNora,caf", &b"\xe9\nZo\xc3\xab,x\n"[..]].concat());
    assert_eq!(results(&lines), ["Jörn Böhm | ok", "Nora | café", "Zoë | x"]);
    assert_eq!(lines.iter().map(|line| line.notices.len()).collect::<Vec<_>>(), [0, 1, 0]);
    let wide =
        "Name,Email\r\nNora,n@q.example\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    assert_eq!(results(&preview(wide)), ["Nora | n@q.example"]);
}

#[test]
fn the_order_of_dates_is_the_files_and_can_be_chosen() {
    let births = |file: &str, order| {
        let (table, mapping) = guessed(file.as_bytes());
        let mapping = Mapping { order, ..mapping };
        let known = drafts::order(&table, &mapping);
        let lines = judged(table, &mapping);
        let births =
            lines.iter().map(|line| line.draft.as_ref().unwrap().birth_date.clone().unwrap_or_default());
        (births.collect::<Vec<_>>().join(" "), known, notices(&lines).len())
    };
    let typo = "Name,DOB\nA,03/04/1971\nB,12/31/1980\nC,11/30/1980\nD,31/12/1980\n";
    let assumed = (DateOrder::MonthFirst, Because::Assumed);
    assert_eq!(
        births(typo, None),
        ("1971-03-04 1980-12-31 1980-11-30 1980-12-31".into(), (DateOrder::MonthFirst, Because::Dates), 1)
    );
    let tie = "Name,DOB\nA,03/04/1971\nB,12/31/1980\nC,31/12/1980\n";
    assert_eq!(births(tie, None), ("1971-03-04 1980-12-31 1980-12-31".into(), assumed, 1));
    let unclear = "Name,DOB\nA,03/04/1971\nB,01/02/1980\n";
    assert_eq!(births(unclear, None), ("1971-03-04 1980-01-02".into(), assumed, 0));
    assert_eq!(births(unclear, Some(DateOrder::DayFirst)).0, "1971-04-03 1980-02-01");
    let stated = "Name,Date of Birth (DD/MM/YYYY),Email (primary)\nA,03/04/1971,a@q.example\n";
    assert_eq!(births(stated, None), ("1971-04-03".into(), (DateOrder::DayFirst, Because::Heading), 0));
}

#[test]
fn without_a_known_heading_the_columns_are_asked_for() {
    let (table, mapping) = guessed(b"Nora Quint,n@q.example,555-0110\nOtis Lang,o@q.example,\n");
    assert_eq!(table.headings, ["Column 1", "Column 2", "Column 3"]);
    assert_eq!(mapping.columns, [None, Some(Field::Email), None]);
    let mapping =
        Mapping { columns: vec![Some(Field::Name), Some(Field::Email), Some(Field::Phone)], order: None };
    assert_eq!(
        results(&judged(table, &mapping)),
        ["Nora Quint | n@q.example | 555-0110", "Otis Lang | o@q.example"]
    );
}

#[test]
fn any_column_can_be_kept_as_remarks_with_its_heading() {
    let (table, mut mapping) = guessed(b"Name,Insurance,Notes\nNora,Acme,calm\n");
    assert_eq!(mapping.columns[1], None);
    mapping.columns[1] = Some(Field::Remarks);
    assert_eq!(results(&judged(table, &mapping)), ["Nora | Insurance: Acme; calm"]);
}

/// A workbook of these sheets, each a name and its rows in XML.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write as _;
    let listed = |of: fn(usize, &str) -> String| {
        sheets.iter().enumerate().map(|(at, (name, _))| of(at + 1, name)).collect::<String>()
    };
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), format!("<Types xmlns=\"{package}/content-types\"/>")),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>{}</sheets></workbook>",
                listed(|at, name| format!("<sheet name=\"{name}\" sheetId=\"{at}\" r:id=\"r{at}\"/>"))
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{package}/relationships\">{}<Relationship Id=\"s\" Type=\"{office}/styles\" Target=\"styles.xml\"/></Relationships>",
                listed(|at, _| format!(
                    "<Relationship Id=\"r{at}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet{at}.xml\"/>"
                ))
            ),
        ),
        (
            "xl/styles.xml".to_owned(),
            format!(
                "<styleSheet xmlns=\"{main}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            ),
        ),
    ];
    for (at, (_, rows)) in sheets.iter().enumerate() {
        let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>");
        parts.push((format!("xl/worksheets/sheet{}.xml", at + 1), sheet));
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn workbooks_are_read_like_other_files() {
    let text = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"3\">{}{}{}</row><row r=\"4\">{}<c r=\"B4\" s=\"1\"><v>26059</v></c><c r=\"C4\"><v>5550110</v></c></row>\
         <row r=\"5\">{}<c r=\"B5\" t=\"e\"><v>#N/A</v></c></row>",
        text("A1", "Our clients"),
        text("A3", "Name"),
        text("B3", "Birth date"),
        text("C3", "Phone"),
        text("A4", "Nora Quint"),
        text("A5", "Otis Lang"),
    );
    let book = workbook(&[("Cover", ""), ("Clients", &rows), ("Old", "")]);
    let (table, mapping) = guessed(&book);
    assert_eq!(
        (table.above.as_slice(), table.others.as_slice()),
        (&["Our clients".to_owned()][..], &["Old".to_owned()][..])
    );
    let lines = judged(table, &mapping);
    assert_eq!(results(&lines), ["Nora Quint | 5550110 | 1971-05-06", "Otis Lang"]);
    assert_eq!(notices(&lines), ["Date of birth left out: “#N/A”."]);
    assert_eq!(lines.iter().map(|line| line.row.number).collect::<Vec<_>>(), [4, 5]);
    let why = |book: Vec<u8>| reading::read(&book).err().unwrap().fields()[0].detail.to_string();
    assert_eq!(why(workbook(&[("Empty", "")])), "The workbook is empty.");
    assert!(why(book[..book.len() / 2].to_vec()).contains("can’t be read"));
    let far = format!("<row r=\"1\">{}</row>", text("XFD1", "x"));
    assert!(why(workbook(&[("Far", &far)])).contains("500 columns"));
    let huge = format!("<row r=\"1\">{}</row>", text("A1", &"x".repeat(301 << 20)));
    assert!(why(workbook(&[("Huge", &huge)])).contains("too large"));
}

#[test]
fn what_is_no_table_is_refused_and_says_why() {
    let why = |bytes: &[u8]| reading::read(bytes).err().unwrap().fields()[0].detail.to_string();
    assert_eq!(why(b""), "The file is empty.");
    assert_eq!(why(b"\xef\xbb\xbf\r\n\r\n"), "The file is empty.");
    assert!(why(b"name\n").contains("no lines below"));
    assert!(why(b"\xd0\xcf\x11\xe0....").contains(".xlsx"));
    assert!(why(b"PK\x03\x04....").contains("can’t be read"));
    assert!(why(b"\x89PNG\r\n\x1a\n\0\0\0").contains("isn’t text"));
    assert!(why(&vec![b'a'; super::LARGEST + 1]).contains("20 MiB"));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_panic(bytes: Vec<u8>) {
        for file in [bytes.clone(), [b"name,dob,animal 2\n", bytes.as_slice()].concat()] {
            if let Ok(table) = reading::read(&file) {
                let mapping = columns::guess(&table.headings, &table.rows);
                judged(table, &mapping);
            }
        }
    }

    /// Made of what such files are made of, so that quotes, separators and marks meet.
    #[test]
    fn any_sheet_is_read_or_refused_line_by_line(
        head in "(\u{feff})?(sep=[;,|\t]\n)?(name|\"name\"|Last name|email|dob|animal|,|;|\t){1,8}",
        lines in proptest::collection::vec("(\"|\"\"|\\\\|,|;|\t|\r?\n|'?[=+@-]|[a-c@.]{1,4}|é|1/2/2003|31.12.2020){0,12}", 0..8),
    ) {
        if let Ok(table) = reading::read([head, lines.join("\n")].join("\n").as_bytes()) {
            proptest::prop_assert!(!table.rows.is_empty());
            let numbers = table.rows.iter().map(|row| row.number).collect::<Vec<_>>();
            proptest::prop_assert!(numbers.is_sorted() && numbers[0] > 0, "{:?}", numbers);
            let mapping = columns::guess(&table.headings, &table.rows);
            for draft in judged(table, &mapping).iter().filter_map(|line| line.draft.as_ref()) {
                proptest::prop_assert!(!draft.name.trim().is_empty());
            }
        }
    }

    #[test]
    fn what_we_write_is_read_back(names in proptest::collection::vec("[A-Za-z'=+@;,\"é-][A-Za-z '=+@;,\"é-]{0,12}[a-z]", 1..6)) {
        let rows = names.iter().map(|name| kernel::text::csv_row([name.as_str(), "x"])).collect::<String>();
        let file = [kernel::text::csv_row(["name", "remarks"]), rows].concat();
        let read = preview(file).into_iter().map(|line| line.draft.unwrap().name);
        let said = names.iter().map(|name| kernel::text::line(name).unwrap());
        proptest::prop_assert_eq!(read.collect::<Vec<_>>(), said.collect::<Vec<_>>());
    }
}
