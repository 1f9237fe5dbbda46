// The codes of rule diagnostics: one line each, with what it means. A code is for ever: users put
// it into scripts, and `tests/golden/errors/` holds one file for each.
//
// R00xx characters and words, R01xx grammar, R02xx names and types, R03xx patterns,
// R05xx derived streams, R06xx tests, R08xx understood but not yet done, W04xx warnings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lymer::rules {

enum class Severity : std::uint8_t { kError, kWarning };

// X(enumerator, text of the code, severity)
#define LYMER_RULE_CODES(X)                                                                        \
  /* Characters and words */                                                                       \
  X(kNotUtf8, "R0001", kError)                /* the file is not UTF-8 */                          \
  X(kStrayCharacter, "R0002", kError)         /* a character that starts no token */               \
  X(kUnterminatedString, "R0003", kError)     /* no closing quote on the line */                   \
  X(kBadEscape, "R0004", kError)              /* unknown \x in a string */                         \
  X(kBadNumber, "R0005", kError)              /* a number that does not fit or is malformed */     \
  X(kBadDuration, "R0006", kError)            /* unknown unit or units out of order */             \
  X(kBadInstant, "R0007", kError)             /* @... is no RFC 3339 instant */                    \
  X(kBadAddress, "R0008", kError)             /* not an address or network */                      \
  X(kUnterminatedQuotedName, "R0009", kError) /* no closing back-quote */                          \
  X(kUnterminatedComment, "R0010", kError)    /* no end of a block comment */                      \
  /* Grammar */                                                                                    \
  X(kUnexpectedToken, "R0101", kError)     /* something else is needed here */                     \
  X(kUnexpectedEnd, "R0102", kError)       /* the file ends inside a declaration */                \
  X(kUnclosedBrace, "R0103", kError)       /* a { ( [ without its partner */                       \
  X(kExpectedDeclaration, "R0104", kError) /* only stream, list, macro, rule, test stand here */   \
  X(kExpectedExpression, "R0105", kError)  /* an expression is needed here */                      \
  X(kExpectedName, "R0106", kError)        /* a name is needed here */                             \
  X(kReservedName, "R0107", kError)        /* a reserved word as a name */                         \
  X(kDuplicateClause, "R0108", kError)     /* a clause given twice */                              \
  X(kSingleEquals, "R0109", kError)        /* = where == is meant */                               \
  X(kUnknownClause, "R0110", kError)       /* a word that starts no clause here */                 \
  X(kChainedComparison, "R0111", kError)   /* a < b < c */                                         \
  X(kTooDeep, "R0112", kError)             /* nested deeper than the limit */                      \
  X(kStageAfterEnd, "R0113", kError)       /* a stage after within, skip or emit */                \
  X(kBadQuantifier, "R0114", kError)       /* times without a count, a range upside down */        \
  X(kForeignOperator, "R0115", kError)     /* && || ! <> of other languages */                     \
  X(kFileTooLarge, "R0116", kError)        /* beyond the limit of a rule file */                   \
  /* Names and types */                                                                            \
  X(kUnknownStream, "R0201", kError)                                                               \
  X(kUnknownStage, "R0202", kError)                                                                \
  X(kUnknownFunction, "R0203", kError)                                                             \
  X(kUnknownType, "R0204", kError)                                                                 \
  X(kDuplicateName, "R0205", kError)                                                               \
  X(kUnknownName, "R0206", kError) /* no field, stage, list or macro of this name */               \
  X(kUnknownField, "R0207", kError)                                                                \
  X(kTypeMismatch, "R0208", kError) /* an operator between types it does not join */               \
  X(kNotBoolean, "R0209", kError)   /* where, until, and, or, not need a bool */                   \
  X(kArgumentCount, "R0210", kError)                                                               \
  X(kArgumentType, "R0211", kError)                                                                \
  X(kLaterStage, "R0212", kError)     /* a stage that comes later */                               \
  X(kNeedsAggregate, "R0213", kError) /* a repeated stage without first(), last() ... */           \
  X(kBareNameInEmit, "R0214", kError) /* emit does not know a current event */                     \
  X(kBadRegex, "R0215", kError)                                                                    \
  X(kNegatedStageReference, "R0216", kError) /* a notNext or notFollowedBy stage holds no event */ \
  X(kMacroRecursion, "R0217", kError)                                                              \
  X(kKeyType, "R0218", kError)       /* a key must be of a scalar type */                          \
  X(kMissingSource, "R0219", kError) /* a stream without from */                                   \
  X(kMissingFormat, "R0220", kError)                                                               \
  X(kMissingTime, "R0221", kError)                                                                 \
  X(kBadTimeField, "R0222", kError) /* field and format of time do not fit */                      \
  X(kBadTimeFormat, "R0223", kError)                                                               \
  X(kUnknownZone, "R0224", kError)                                                                 \
  X(kNoSuchCapture, "R0225", kError) /* the text regex has no such group */                        \
  X(kListElementType, "R0226", kError)                                                             \
  X(kNotAValue, "R0227", kError)       /* a list, stage or macro used as a value */                \
  X(kRuleReference, "R0229", kError)   /* key. of an unknown key field */                          \
  X(kNoField, "R0230", kError)         /* a stream without fields */                               \
  X(kMissingColumn, "R0231", kError)   /* csv: the named columns lack a field */                   \
  X(kFieldPath, "R0232", kError)       /* a nested path in a format without nesting */             \
  X(kConstantProblem, "R0233", kError) /* a constant part that always fails: 1/0 */                \
  X(kBadRecordPart, "R0234", kError)   /* kafka. asks for what no record of a topic has */         \
  /* Patterns */                                                                                   \
  X(kNoStage, "R0301", kError)                                                                     \
  X(kFirstStageWord, "R0302", kError)    /* the first stage must be begin, only it may */          \
  X(kNoInput, "R0303", kError)           /* a rule without on */                                   \
  X(kNegatedQuantifier, "R0304", kError) /* a not-stage cannot be repeated or optional */          \
  X(kClosingNotWithoutWindow, "R0305", kError)                                                     \
  X(kGreedyWithCombinations, "R0306", kError)                                                      \
  X(kConsecutiveWithCombinations, "R0307", kError)                                                 \
  X(kNeedsQuantifier, "R0308", kError) /* greedy, consecutive ... on a single stage */             \
  X(kUntilWithoutLoop, "R0309", kError)                                                            \
  X(kSkipTarget, "R0310", kError)                                                                  \
  X(kOptionalAfterGreedy, "R0311", kError)                                                         \
  X(kNotAfterOptional, "R0312", kError)                                                            \
  X(kWindowNotPositive, "R0313", kError)                                                           \
  X(kUnknownSeverity, "R0314", kError)                                                             \
  X(kBadPattern, "R0315", kError) /* refused by the pattern compiler */                            \
  X(kQuantifierTooLarge, "R0316", kError)                                                          \
  X(kEmptyMatch, "R0317", kError)        /* every stage optional */                                \
  X(kStageStream, "R0318", kError)       /* a stage's stream is not one the rule reads */          \
  X(kGroupClause, "R0319", kError)       /* what a group cannot have */                            \
  X(kEndlessLoop, "R0320", kError)       /* a loop of which an iteration may be empty */           \
  X(kGapTooLong, "R0321", kError)        /* a gap longer than the window */                        \
  X(kGapMisplaced, "R0322", kError)      /* `within ... of previous` on what has several events */ \
  X(kClosingNotInGroup, "R0323", kError) /* it ends a repeated group that ends the pattern */      \
  X(kUnknownDialect, "R0324", kError)                                                              \
  /* Derived streams */                                                                            \
  X(kCircle, "R0501", kError)          /* a stream or rule that is made of itself */               \
  X(kWindowReference, "R0502", kError) /* `window.` or an aggregate of one that is not there */    \
  X(kUnknownRule, "R0503", kError)                                                                 \
  X(kQueryClause, "R0504", kError)   /* a clause without the one that it needs, or too many */     \
  X(kJoinCondition, "R0505", kError) /* `on` is not made of equal fields of both sides */          \
  X(kBadWindow, "R0506", kError)     /* a size, slide or count that makes no window */             \
  X(kUnionField, "R0507", kError)    /* a field of different types in the members of a union */    \
  X(kNoLateEvents, "R0508", kError)  /* `late of` what lets nothing be late, or tells nobody */    \
  /* Tests   */                                                                                    \
  X(kTestStream, "R0601", kError)    /* a row for a stream that is made of others */               \
  X(kEmptyTest, "R0602", kError)     /* a test that expects nothing, or of too many events */      \
  X(kUnknownResult, "R0603", kError) /* results of the rule have no such field */                  \
  /* Not yet */                                                                                    \
  X(kNotYet, "R0801", kError)                                                                      \
  /* Warnings */                                                                                   \
  X(kUnusedList, "W0401", kWarning)                                                                \
  X(kUnusedMacro, "W0402", kWarning)                                                               \
  X(kUnboundedState, "W0403", kWarning) /* no within: partial matches live for ever */             \
  X(kAlwaysTrue, "W0404", kWarning)     /* a start stage that takes every event */                 \
  X(kUnusedStream, "W0405", kWarning)                                                              \
  X(kPercentInGlob, "W0406", kWarning)  /* `%` as in SQL, where `*` is meant */                    \
  X(kDialectDiffers, "W0407", kWarning) /* the rule means different things in the two dialects */

enum class Code : std::uint8_t {
#define LYMER_CODE_NAME(name, text, severity) name,
  LYMER_RULE_CODES(LYMER_CODE_NAME)
#undef LYMER_CODE_NAME
};

// Gives the code as users see it: "R0207".
[[nodiscard]] constexpr std::string_view to_string(Code code) {
#define LYMER_CODE_TEXT(name, text, severity) text,
  constexpr std::string_view kTexts[] = {LYMER_RULE_CODES(LYMER_CODE_TEXT)};
#undef LYMER_CODE_TEXT
  return kTexts[static_cast<std::size_t>(code)];
}

[[nodiscard]] constexpr Severity severity_of(Code code) {
#define LYMER_CODE_SEVERITY(name, text, severity) Severity::severity,
  constexpr Severity kSeverities[] = {LYMER_RULE_CODES(LYMER_CODE_SEVERITY)};
#undef LYMER_CODE_SEVERITY
  return kSeverities[static_cast<std::size_t>(code)];
}

}  // namespace lymer::rules
