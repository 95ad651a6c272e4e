import { useQuery } from '@tanstack/react-query';
import { API_PATHS, type RuleList, type RuleView } from '../../../../api/contract.ts';
import { get } from '../../shared/api.ts';
import { useMay } from '../session-context.tsx';

export function useRules() {
  const may = useMay('rules.read');
  return useQuery({
    queryKey: ['rules'],
    queryFn: () => get<RuleList>(API_PATHS.rules),
    enabled: may,
    staleTime: 60_000,
  });
}

export function useRule(id: string): RuleView | null {
  const rules = useRules();
  return rules.data?.rules.find((rule) => rule.id === id) ?? null;
}
