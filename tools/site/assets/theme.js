// Before anything is drawn: the colours that the reader chose on an earlier page.
"use strict";
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // A browser that stores nothing goes by the system.
}
