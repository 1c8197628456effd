// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {DebtTerms, Route, Terms} from "../types/Types.sol";

/// @title Rules of every market on this chain, read by the escrow.
interface IMarketRegistry {
    function terms(bytes32 market) external view returns (Terms memory current, uint32 version);
    function termsAt(bytes32 market, uint32 version) external view returns (Terms memory);
    function splitAt(bytes32 market, uint32 version) external view returns (address treasury, uint16 borrowerBps);
    function bountyBpsAt(bytes32 market, uint32 version) external view returns (uint16);
    function vaultOf(bytes32 market, address debt) external view returns (address);
    function debtTerms(bytes32 market, address debt) external view returns (DebtTerms memory);
    function route(bytes32 market, address debt, uint32 payDomain) external view returns (Route memory);
    function isCollateral(bytes32 market, address collateral) external view returns (bool);
    function isPaused(bytes32 market) external view returns (bool);
    function auctioneers(bytes32 market) external view returns (address[] memory members, uint8 threshold);
    function isAuctioneer(bytes32 market, address account) external view returns (bool);
    function landingRules(bytes32 market, address collateral, address debt)
        external
        view
        returns (Terms memory current, uint32 version, DebtTerms memory forDebt, uint64 freshFrom);
    function verifyCertificate(bytes32 market, bytes32 award, bytes calldata signatures) external view;
}
