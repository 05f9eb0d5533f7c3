//! The parser's errors in our own words: what was found, what was expected and what to do.

use granit_parser::{ErrorKind as Cause, ScanError};

use crate::bytes;
use crate::document::{index, range};
use crate::error::{ErrorKind, YamlError};
use crate::layout;

const TABS: &str = "replace the tabs at the start of the line by spaces";
const QUOTE: &str = "put the value in quotes";
const INDENT: &str = "line up the keys and items of one level; what belongs to a key stands deeper than the key";
const DOCUMENTS: &str = "separate two documents by a line that holds only `---`";
const ESCAPES: &str = "write a backslash as `\\\\`, use one of YAML's escapes, or put the text in single quotes";
const TAGS: &str = "remove the tag; only those of the core schema are read, such as `!!str` and `!!int`";
const DIRECTIVES: &str = "remove the line; only `%YAML 1.2` and `%TAG` are read";
const FLOW: &str = "separate items by `,`, a key from its value by `: `, and close each `[` by `]` and each `{` by `}`";

/// The error, at one place of the text.
pub(crate) fn translated(error: &ScanError, text: &str) -> YamlError {
    let length = text.len();
    let offset = index(error.marker().byte_offset().unwrap_or(length).min(length));
    if let Cause::UnexpectedCharacter { character } = error.kind()
        && character.is_control()
    {
        // The parser may name the start of the value that holds it.
        let ahead = text.get(offset as usize..).and_then(|rest| rest.find(*character));
        return bytes::control_error(offset.saturating_add(index(ahead.unwrap_or_default())), *character);
    }
    let kind = kind(error.kind());
    let may_be_tab = kind == ErrorKind::Tab || is_about_blocks(error.kind());
    if may_be_tab && let Some(tab) = layout::tab_near(text, offset) {
        return tab_error(tab);
    }
    let (message, help) = words(error.kind());
    YamlError::new(kind, range(offset, offset), message).help(help)
}

/// Whether what is wrong may come from a tab in the indentation: inside brackets, tabs are as good as spaces.
fn is_about_blocks(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::MappingValueNotAllowed
            | Cause::ExpectedBlockMappingKey
            | Cause::ExpectedBlockSequenceEntry
            | Cause::BlockSequenceEntryNotAllowed
            | Cause::SimpleKeyExpected
            | Cause::InvalidIndentation
    )
}

/// What to say about a tab in the indentation of a line.
pub(crate) fn tab_error(tab: u32) -> YamlError {
    YamlError::new(ErrorKind::Tab, range(tab, tab), "a tab stands where only spaces can indent").help(TABS)
}

fn kind(cause: &Cause) -> ErrorKind {
    match cause {
        Cause::TabNotAllowed
        | Cause::TabInBlockIndentation
        | Cause::TabAtBlockScalarStart
        | Cause::TabInIndentation
        | Cause::TabInPlainScalar => ErrorKind::Tab,
        Cause::RecursionLimitExceeded => ErrorKind::Limit,
        _ => ErrorKind::Syntax,
    }
}

fn words(cause: &Cause) -> (String, &'static str) {
    let (message, help) = match cause {
        Cause::TabNotAllowed
        | Cause::TabInBlockIndentation
        | Cause::TabAtBlockScalarStart
        | Cause::TabInIndentation
        | Cause::TabInPlainScalar => ("a tab stands where only spaces can indent", TABS),
        Cause::UnclosedQuotedScalar => ("this quote is never closed", "add the same quote at the end of the text"),
        Cause::DocumentIndicatorInQuotedScalar => {
            ("a quoted text is still open at the end of its document", "add the closing quote")
        }
        Cause::InvalidQuotedScalarIndent => (
            "a line of a quoted text is not indented: the quote is not closed, or the line must stand deeper",
            "add the closing quote, or indent the line deeper than the key",
        ),
        Cause::InvalidTrailingSingleQuotedScalar => {
            ("something follows the closing quote `'`", "write a quote inside single quotes twice: `''`")
        }
        Cause::InvalidTrailingDoubleQuotedScalar => {
            ("something follows the closing quote `\"`", "write a quote inside double quotes as `\\\"`")
        }
        Cause::UnknownQuotedScalarEscape
        | Cause::InvalidQuotedScalarHexEscape
        | Cause::InvalidUnicodeEscape
        | Cause::InvalidLowSurrogateHexEscape => ("unknown escape in a double-quoted text", ESCAPES),
        Cause::InvalidLowSurrogate | Cause::MissingLowSurrogate | Cause::UnpairedLowSurrogate => (
            "half of a surrogate pair in a double-quoted text",
            "write both halves, `\\ud83d\\ude00`, or the character itself",
        ),
        Cause::UnclosedFlowCollection { open } => {
            return (format!("this `{open}` is never closed"), FLOW);
        }
        Cause::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("`{open}` is closed by `{close}`"), FLOW);
        }
        Cause::MisplacedFlowCollectionEnd => ("a closing bracket without an opening one", FLOW),
        Cause::UnexpectedEofFlowSequence | Cause::ExpectedFlowSequenceSeparator => {
            ("expected an item, `,` or `]`", FLOW)
        }
        Cause::UnexpectedEofFlowMapping
        | Cause::UnexpectedEofImplicitFlowMapping
        | Cause::ExpectedFlowMappingSeparator => ("expected an item, `,` or the closing bracket", FLOW),
        Cause::BlockEntryInFlowCollection | Cause::PlainScalarStartsWithDashFlowIndicator => {
            ("an item `-` inside brackets", "separate items inside `[…]` by `,`, without dashes")
        }
        Cause::InvalidColonPlacement | Cause::FlowMappingValueAdjacentCollection => {
            ("a `:` where brackets expect an item, `,` or the closing bracket", FLOW)
        }
        Cause::InvalidFlowScalarIndent => ("a line inside brackets is not indented", INDENT),
        Cause::MappingValueNotAllowed => (
            "a `:` where none can stand: a second one on its line, or a key that is not lined up",
            "line the key up with its neighbours, with a space after each `:`; put a text that holds `: ` in quotes",
        ),
        Cause::MappingKeyNotAllowed => ("a key where none can stand", INDENT),
        Cause::SimpleKeyExpected | Cause::ExpectedBlockMappingKey | Cause::UnexpectedEofBlockMapping => {
            ("expected a key and `:`", INDENT)
        }
        Cause::InvalidSimpleKey => (
            "a key over several lines, or longer than 1024 characters",
            "write the key on one line and shorter than that",
        ),
        Cause::BlockSequenceEntryNotAllowed => {
            ("a list item `- ` where none can stand", "put the first item on a line of its own, below the key")
        }
        Cause::ExpectedBlockSequenceEntry | Cause::UnexpectedEofBlockSequence => ("expected a list item `- `", INDENT),
        Cause::InvalidBlockEntryWhitespace => ("`-` must be followed by a space", "use one space after `-`, no tab"),
        Cause::InvalidMappingValueWhitespace => ("`:` must be followed by a space", "use one space after `:`, no tab"),
        Cause::InvalidIndentation | Cause::InvalidBlockScalarIndent => {
            ("the line is indented like no level around it", INDENT)
        }
        Cause::ZeroBlockScalarIndent => ("`|` and `>` take an indentation from 1 to 9", "remove the `0`"),
        Cause::InvalidBlockScalarHeader => {
            ("something follows `|` or `>` on its line", "start the text on the next line, indented")
        }
        Cause::CommentInterceptedScalar => {
            ("a comment inside a text over several lines", "put the text in quotes, or the comment above it")
        }
        Cause::CommentNotSeparated => ("`#` right after a value", "put a space before `#` to start a comment"),
        Cause::UnexpectedCharacter { character } => {
            return (format!("a value cannot start with `{}`", character.escape_debug()), QUOTE);
        }
        Cause::ExpectedNodeContent | Cause::UnexpectedEndOfPlainScalar => ("expected a value", QUOTE),
        Cause::ExpectedWhitespace => ("expected a space", "put a space between the two values"),
        Cause::UnexpectedEof => ("the text ends in the middle of a value", "finish the value"),
        Cause::BomInsideDocument => ("a byte order mark inside a document", "remove it; it may only start a document"),
        Cause::RecursionLimitExceeded => {
            ("values are nested too deep", "nest at most 128 lists and mappings in each other")
        }
        Cause::ExpectedDocumentStart | Cause::InvalidDocumentEnd => {
            ("something follows the end of the document's value", DOCUMENTS)
        }
        Cause::MissingDocumentEndBeforeDirective => {
            ("a directive inside a document", "end the document before it by a line that holds only `...`")
        }
        Cause::MissingAnchorOrAliasName => {
            ("`&` or `*` without a name", "name the anchor, `&name` and `*name`, or put the text in quotes")
        }
        Cause::UndeclaredTagHandle
        | Cause::ExpectedTagBang
        | Cause::InvalidGlobalTagCharacter
        | Cause::InvalidTagTerminator
        | Cause::MissingTagUri
        | Cause::UnclosedVerbatimTag
        | Cause::InvalidTagEscape
        | Cause::InvalidTagUtf8LeadingByte
        | Cause::InvalidTagUtf8TrailingByte
        | Cause::InvalidTagUtf8 => ("a tag that cannot be read", TAGS),
        Cause::UnsupportedYamlMajorVersion
        | Cause::DuplicateVersionDirective
        | Cause::DuplicateTagDirective
        | Cause::ExpectedTagDirectiveBang
        | Cause::InvalidTagDirectiveTerminator
        | Cause::InvalidDirectiveTerminator
        | Cause::MissingYamlVersionSeparator
        | Cause::MissingYamlVersion
        | Cause::YamlVersionTooLong
        | Cause::MissingDirectiveName
        | Cause::InvalidDirectiveName
        | Cause::DirectiveByteLimitExceeded { .. }
        | Cause::TooManyReservedDirectiveParams { .. } => ("a directive that cannot be read", DIRECTIVES),
        other => {
            return (format!("this is not YAML: {other}"), "correct the text at this place");
        }
    };
    (message.to_owned(), help)
}
