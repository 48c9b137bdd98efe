//! The page around a mail's HTML: one column that fits a phone, readable in light and in dark, without pictures or
//! anything loaded from elsewhere.

use crate::markdown::html_escaped;

/// Styles that every mail client may drop without harm. Colours are left to the client except where dark mode would
/// make links unreadable.
const STYLE: &str = "\
:root{color-scheme:light dark;supported-color-schemes:light dark}\
body{margin:0;padding:0;-webkit-text-size-adjust:100%}\
.page{max-width:600px;margin:0 auto;padding:24px 20px;\
font:16px/1.65 -apple-system,BlinkMacSystemFont,'Segoe UI','Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR',Roboto,sans-serif;\
word-break:keep-all;overflow-wrap:anywhere}\
h1{font-size:24px;line-height:1.35}h2{font-size:20px;line-height:1.4}\
img{max-width:100%;height:auto;border:0}a{color:#0b57d0}\
hr{border:0;border-top:1px solid #8886;margin:28px 0 16px}\
blockquote{margin:0 0 16px;padding-left:14px;border-left:3px solid #8886}\
table{border-collapse:collapse}th,td{padding:6px 10px;border-bottom:1px solid #8886;text-align:left}\
@media (prefers-color-scheme:dark){a{color:#8ab4f8}}";

/// Puts the page around the body's HTML.
#[must_use]
pub fn page(language: &str, subject: &str, body: &str) -> String {
    let language = html_escaped(language);
    let subject = html_escaped(subject);
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{subject}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<div class=\"page\" lang=\"{language}\">\n\
         {body}</div>\n</body>\n</html>\n"
    )
}
