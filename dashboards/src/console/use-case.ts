import { useQuery } from '@tanstack/react-query';
import { API_PATHS, type CaseDetail, pathOf } from '../../../api/contract.ts';
import { get } from '../shared/api.ts';

export function useCase(caseKey: string | null) {
  return useQuery({
    queryKey: ['case', caseKey],
    queryFn: () => get<CaseDetail>(pathOf(API_PATHS.case, { caseKey: caseKey ?? '' })),
    enabled: caseKey !== null,
  });
}
