// Before anything is painted: the theme that was chosen, so that no other one flashes up.
try {
  const theme = localStorage.getItem("backchannel.theme");
  if (theme !== null) document.documentElement.dataset.theme = theme;
} catch {
  // Then it is the system's.
}
