//! Pictures in one HTML page: to be moved and enlarged, with a sentence for every step, and to be printed.

use std::fmt::Write;

use super::draw::svg;
use super::picture::Picture;
use super::style::FONTS;
use crate::problem::Language;

/// Characters that mean something in HTML and SVG, written so that they do not.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Other control characters are not allowed in XML at all.
            c if c.is_control() && c != '\n' && c != '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

const STYLE: &str = "
:root{color-scheme:light dark}
body{margin:0;background:#f8fafc;color:#0f172a}
header{padding:14px 20px;display:flex;gap:14px;align-items:center;flex-wrap:wrap;border-bottom:1px solid #cbd5e1}
h1{font-size:17px;margin:0}
nav a{color:inherit;margin-right:10px;font-size:14px}
button{font:inherit;padding:3px 11px;border:1px solid #cbd5e1;border-radius:7px;background:transparent;color:inherit;cursor:pointer}
.view{overflow:hidden;height:calc(100vh - 62px);cursor:grab;touch-action:none;position:relative;border-bottom:1px solid #cbd5e1}
.view:active{cursor:grabbing}
.view svg{transform-origin:0 0;position:absolute;left:0;top:0}
#tip{position:fixed;max-width:420px;padding:9px 12px;border-radius:8px;background:#0f172a;color:#f8fafc;font-size:13px;line-height:1.5;white-space:pre-line;pointer-events:none;display:none;z-index:9}
@media (prefers-color-scheme: dark){body{background:#0b1220;color:#f1f5f9}header,.view,button{border-color:#334155}#tip{background:#f1f5f9;color:#0f172a}}
@media print{header,#tip{display:none!important}.view{height:auto;overflow:visible;border:0;page-break-after:always}.view svg{position:static;transform:none!important;max-width:100%;height:auto}}
";

const SCRIPT: &str = r"
const tip=document.getElementById('tip');
for(const view of document.querySelectorAll('.view')){
  const svg=view.querySelector('svg');let k=1,x=0,y=0;const fingers=new Map();
  svg.querySelectorAll('title').forEach(t=>t.remove());
  const show=()=>{svg.style.transform=`translate(${x}px,${y}px) scale(${k})`};
  // On a phone the words stay readable, and the picture is moved.
  const least=view.clientWidth<640?.62:.1;
  const fit=floor=>{k=Math.min(1,Math.max(floor,view.clientWidth/svg.width.baseVal.value));x=(view.clientWidth-k*svg.width.baseVal.value)/2;y=0;show()};
  const zoom=(f,cx,cy)=>{const n=Math.min(4,Math.max(.1,k*f));x=cx-(cx-x)*n/k;y=cy-(cy-y)*n/k;k=n;show()};
  view.addEventListener('wheel',e=>{e.preventDefault();const r=view.getBoundingClientRect();
    if(e.ctrlKey||e.metaKey)zoom(Math.exp(-e.deltaY/200),e.clientX-r.left,e.clientY-r.top);else{x-=e.deltaX;y-=e.deltaY;show()}},{passive:false});
  view.addEventListener('pointerdown',e=>{fingers.set(e.pointerId,e);view.setPointerCapture(e.pointerId)});
  view.addEventListener('pointermove',e=>{const was=fingers.get(e.pointerId);if(!was)return;
    if(fingers.size===2){const o=[...fingers.values()].find(f=>f.pointerId!==e.pointerId);const d=(a,b)=>Math.hypot(a.clientX-b.clientX,a.clientY-b.clientY);
      const r=view.getBoundingClientRect();zoom(d(e,o)/d(was,o),o.clientX-r.left,o.clientY-r.top)}else{x+=e.clientX-was.clientX;y+=e.clientY-was.clientY;show()}
    fingers.set(e.pointerId,e)});
  for(const end of['pointerup','pointercancel'])view.addEventListener(end,e=>fingers.delete(e.pointerId));
  view.addEventListener('mousemove',e=>{const g=e.target.closest('[data-tip]');if(!g||fingers.size){tip.style.display='none';return}
    tip.textContent=g.dataset.tip;tip.style.display='block';
    tip.style.left=Math.min(e.clientX+14,innerWidth-tip.offsetWidth-8)+'px';
    tip.style.top=(e.clientY+18+tip.offsetHeight>innerHeight?e.clientY-tip.offsetHeight-10:e.clientY+18)+'px'});
  view.addEventListener('mouseleave',()=>{tip.style.display='none'});
  view.tabIndex=0;view.addEventListener('keydown',e=>{const by={ArrowLeft:[60,0],ArrowRight:[-60,0],ArrowUp:[0,60],ArrowDown:[0,-60]}[e.key];
    if(by){x+=by[0];y+=by[1];show();e.preventDefault()}if(e.key==='+')zoom(1.2,0,0);if(e.key==='-')zoom(1/1.2,0,0);if(e.key==='0')fit(.1)});
  view.fit=()=>fit(.1);view.zoom=f=>zoom(f,view.clientWidth/2,view.clientHeight/2);fit(least);addEventListener('resize',()=>fit(least));
}
for(const button of document.querySelectorAll('button[data-do]'))button.addEventListener('click',()=>{
  const views=[...document.querySelectorAll('.view')];const near=views.find(v=>v.getBoundingClientRect().bottom>90)||views[0];
  const how=button.dataset.do;if(how==='print')print();else if(how==='fit')near.fit();else near.zoom(how==='in'?1.25:.8)});
";

/// One page with these pictures: name and drawing.
pub(crate) fn html(title: &str, pictures: &[(String, Picture)], language: Language) -> String {
    let (code, fit, print) = match language {
        Language::English => ("en", "fit", "print"),
        Language::Korean => ("ko", "맞추기", "인쇄"),
    };
    let title = escape(title);
    let mut links = String::new();
    let mut views = String::new();
    for (name, picture) in pictures {
        let name = escape(name);
        let words = escape(&picture.title.join(" "));
        if pictures.len() > 1 {
            // Writing to a string cannot fail.
            let _ = write!(links, "<a href=\"#{name}\">{words}</a>");
        }
        let drawing = svg(picture);
        let _ = writeln!(
            views,
            "<section class=\"view\" id=\"{name}\">\n{drawing}</section>"
        );
    }
    format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{title}</title>\n\
         <style>body,button{{font-family:{FONTS}}}{STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1>\
         <span><button data-do=\"in\">+</button> <button data-do=\"out\">−</button> \
         <button data-do=\"fit\">{fit}</button> <button data-do=\"print\">{print}</button></span>\
         <nav>{links}</nav></header>\n{views}<div id=\"tip\"></div>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
}
