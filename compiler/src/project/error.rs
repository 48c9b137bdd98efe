//! What can be wrong with the files of a project, and how it is said.

use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::sources::MAX_BYTES;

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Error {
    /// A file saved in EUC-KR, or no text at all.
    NotUtf8 { at: Location },
    /// A file of more than [`MAX_BYTES`].
    TooBig { at: Location, bytes: u64 },
    /// A file we have no right to read.
    Unreadable { at: Location, reason: String },
    /// `templates/welcome.md`, without a channel.
    MisplacedTemplate { at: Location },
    /// `templates/emial/welcome.md`.
    UnknownChannel {
        at: Location,
        folder: String,
        near: Option<String>,
    },
    /// `templates/email/welcome.en.md` without `templates/email/welcome.md`.
    NoOriginal { at: Location, original: String },
    /// `templates/email/welcome.ko.md` in a project whose language is Korean.
    OwnLanguage { at: Location, original: String },
    /// `brand_b/journey.toml` inside another project.
    Separate { at: Location },
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotUtf8 { at } => Self::new(
                codes::NOT_UTF8,
                at,
                Text::new(
                    "this file is not text in UTF-8",
                    "이 파일은 UTF-8 글이 아닙니다",
                ),
            )
            .label(Text::new("the first byte that is not", "여기서부터 아님"))
            .help(Text::new(
                "save it again with the encoding UTF-8; a file from an older Korean program is often in EUC-KR (CP949)",
                "편집기에서 인코딩을 UTF-8로 바꾸어 다시 저장하세요. 예전 프로그램의 파일은 흔히 EUC-KR(CP949)입니다",
            )),
            Error::TooBig { at, bytes } => {
                let most = MAX_BYTES / (1024 * 1024);
                Self::new(
                    codes::TOO_BIG,
                    at,
                    Text::new(
                        format!("this file has {bytes} bytes, and at most {most} MiB are read"),
                        format!("이 파일은 {bytes}바이트입니다. {most} MiB까지만 읽습니다"),
                    ),
                )
                .help(Text::new(
                    "split it into several files; all of a project's files are one namespace",
                    "여러 파일로 나누세요. 한 프로젝트의 파일은 모두 같은 이름 공간입니다",
                ))
            }
            Error::Unreadable { at, reason } => Self::new(
                codes::UNREADABLE,
                at,
                Text::new(
                    format!("this file cannot be read: {reason}"),
                    format!("이 파일을 읽을 수 없습니다: {reason}"),
                ),
            )
            .help(Text::new(
                "check its permissions",
                "파일의 권한을 확인하세요",
            )),
            Error::MisplacedTemplate { at } => Self::new(
                codes::MISPLACED_FILE,
                at,
                Text::new(
                    "this template belongs to no channel",
                    "이 템플릿은 어느 채널의 것도 아닙니다",
                ),
            )
            .help(Text::new(
                "move it to `templates/<channel>/<name>.md`, for example `templates/email/`",
                "`templates/email/`처럼 `templates/<채널>/<이름>.md`로 옮기세요",
            )),
            Error::UnknownChannel { at, folder, near } => {
                let problem = Self::new(
                    codes::MISPLACED_FILE,
                    at,
                    Text::new(
                        format!("there is no channel called `{folder}`"),
                        format!("`{folder}`: 그런 채널이 없습니다"),
                    ),
                );
                match near {
                    Some(near) => problem.help(Text::new(
                        format!("did you mean `{near}`? Rename the folder to `templates/{near}`"),
                        format!("혹시 `{near}`인가요? 폴더 이름을 `templates/{near}`로 바꾸세요"),
                    )),
                    None => problem.help(Text::new(
                        "the channels are `email`, `sms`, `kakao`, `push`, `webhook` and `inapp`",
                        "채널은 `email`, `sms`, `kakao`, `push`, `webhook`, `inapp`입니다",
                    )),
                }
            }
            Error::NoOriginal { at, original } => Self::new(
                codes::MISPLACED_FILE,
                at,
                Text::new(
                    format!("this is a translation, and there is no `{original}` that it translates"),
                    format!("번역 템플릿인데 원문 `{original}`이(가) 없습니다"),
                ),
            )
            .help(Text::new(
                "write the message in the project's own language first; the translation adds a subject and a body to it",
                "먼저 프로젝트의 언어로 원문을 쓰세요. 번역 파일은 거기에 제목과 본문만 더합니다",
            )),
            Error::OwnLanguage { at, original } => Self::new(
                codes::MISPLACED_FILE,
                at,
                Text::new(
                    format!("`{original}` is in this language already: it is the project's `default_language`"),
                    format!("`{original}`이(가) 이미 이 언어입니다. 프로젝트의 `default_language`입니다"),
                ),
            )
            .help(Text::new(
                format!("put these words into `{original}`, or change `default_language` in journey.toml"),
                format!("이 글을 `{original}`에 쓰거나 journey.toml의 `default_language`를 바꾸세요"),
            )),
            Error::Separate { at } => Self::new(
                codes::SEPARATE_PROJECT,
                at,
                Text::new(
                    "this folder is a project of its own, and is not part of this one",
                    "이 폴더는 따로 된 프로젝트이고, 이 프로젝트에 들어가지 않습니다",
                ),
            )
            .help(Text::new(
                "check it by its own path",
                "그 폴더의 경로로 따로 검사하세요",
            )),
        }
    }
}
