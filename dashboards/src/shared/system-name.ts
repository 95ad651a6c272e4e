/**
 * The system's name out of the pack's: a pack is called after its place (鹭城市电子监察规则包), and
 * the head of a page names the system and not the file.
 */
import type { Label } from '../../../api/contract.ts';

export function systemName(pack: Label, lang: 'zh' | 'en', product: string): string {
  if (lang === 'en') {
    const place = pack.en
      .replace(/\s*\b(demonstration|demo)\b/gi, '')
      .replace(/\s*\b(rule )?pack\b.*$/i, '');
    if (place.trim() === '') return product;
    return /supervision/i.test(place) ? place.trim() : `${place.trim()} ${product}`;
  }
  const place = pack.zh
    .replace(/规则包.*$/, '')
    .replace(/演示/g, '')
    .trim();
  return /监察/.test(place) ? place : `${place}${product}`;
}
