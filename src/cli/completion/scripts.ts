export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * The script that a shell loads. It asks `plumbline completion words -- WORDS...`, with the words of the command line up
 * to the one at the cursor, and gets one candidate a line. Without candidates the shell completes files.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_plumbline() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _plumbline plumbline
`,
  zsh: `#compdef plumbline
_plumbline() {
  local -a found
  found=("\${(@f)$("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _plumbline plumbline
`,
  fish: `function __plumbline_words
    set -l words (commandline -opc) (commandline -ct)
    $words[1] completion words -- $words[2..-1] 2>/dev/null
end
complete -c plumbline -f -a '(__plumbline_words)'
complete -c plumbline -l config -r -F
complete -c plumbline -l state -r -F
`,
};

/** How to load it in every new shell. */
export const HOW_TO_LOAD: Readonly<Record<Shell, string>> = {
  bash: 'plumbline completion bash > ~/.local/share/bash-completion/completions/plumbline',
  zsh: 'plumbline completion zsh > "${fpath[1]}/_plumbline"',
  fish: 'plumbline completion fish > ~/.config/fish/completions/plumbline.fish',
};
